package io.dvflow.workflows.import_;

/** The steps of an import, in order. */
public enum Step {
    PLAN("reading the DataVolume and planning its claim"),
    CLAIM("creating the claim"),
    CONSUMER("waiting for a pod that uses the claim"),
    SCRATCH("creating scratch space"),
    TRANSFER("transferring the image"),
    CHECKPOINT("waiting for the next checkpoint"),
    HAND_OVER("handing the volume over to the claim"),
    FINISH("writing the outcome"),
    CLEAN_UP("removing what the operation made"),
    DONE("nothing more to do");

    private final String doing;

    Step(String doing) {
        this.doing = doing;
    }

    /** What is going on in this step, in words that fit behind "dvflow is". */
    public String doing() {
        return doing;
    }
}
