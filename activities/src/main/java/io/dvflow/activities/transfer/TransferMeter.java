package io.dvflow.activities.transfer;

import io.dvflow.workflows.transfer.TransferReceipt;

/** Hears how transfers end, to count them. An end that is reported twice, after a lost answer, may be counted twice. */
public interface TransferMeter {

    /** @param source kind of source, as in the object's spec */
    void completed(String source, TransferReceipt receipt);

    /**
     * A pod ended without finishing.
     *
     * @param cause one word for programs
     */
    void failed(String source, String cause);
}
