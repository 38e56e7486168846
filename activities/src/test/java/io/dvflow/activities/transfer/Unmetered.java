package io.dvflow.activities.transfer;

import io.dvflow.workflows.transfer.TransferReceipt;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what would be counted. */
final class Unmetered implements TransferMeter {

    final List<String> heard = new CopyOnWriteArrayList<>();

    @Override
    public void completed(String source, TransferReceipt receipt) {
        heard.add(source + " completed " + receipt.fetchedBytes());
    }

    @Override
    public void failed(String source, String cause) {
        heard.add(source + " failed " + cause);
    }
}
