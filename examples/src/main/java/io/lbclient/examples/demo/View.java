package io.lbclient.examples.demo;

/** Shows a run while it runs. Used by one thread. */
interface View extends AutoCloseable {
    /** Shows how things stand; called several times a second. */
    void show(Frame frame);

    /** Leaves the terminal as it was. */
    @Override
    void close();
}
