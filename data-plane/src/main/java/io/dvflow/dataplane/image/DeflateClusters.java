package io.dvflow.dataplane.image;

import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Raw deflate: the compressed clusters of qcow and qcow2. */
public final class DeflateClusters implements ClusterDecoder {

    private final int clusterSize;
    private final Refusal refusal;
    private final Optional<Libdeflate> libdeflate = Libdeflate.open(Libdeflate.Format.RAW);
    private final Inflater inflater = new Inflater(true);

    public DeflateClusters(int clusterSize, Refusal refusal) {
        this.clusterSize = clusterSize;
        this.refusal = refusal;
    }

    @Override
    public int clusterSize() {
        return clusterSize;
    }

    @Override
    public void decode(Run.Compressed run, byte[] from, int offset, byte[] into) {
        boolean whole = libdeflate
                .filter(decoder -> decoder.decompress(from, offset, run.hostLength(), into, clusterSize) == clusterSize)
                .isPresent();
        if (!whole) {
            inflate(run, from, offset, into);
        }
    }

    @Override
    public void close() {
        libdeflate.ifPresent(Libdeflate::close);
        inflater.close();
    }

    private void inflate(Run.Compressed run, byte[] from, int offset, byte[] into) {
        inflater.reset();
        inflater.setInput(from, offset, run.hostLength());
        int done = 0;
        try {
            while (done < clusterSize) {
                int count = inflater.inflate(into, done, clusterSize - done);
                if (count == 0) {
                    throw refusal.corrupt("the compressed cluster for guest offset " + run.guest() + " holds " + done
                            + " bytes in place of " + clusterSize);
                }
                done += count;
            }
        } catch (DataFormatException e) {
            throw refusal.corrupt("the compressed cluster for guest offset " + run.guest() + " cannot be decompressed: "
                    + e.getMessage());
        }
    }
}
