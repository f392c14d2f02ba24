package io.lbclient.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.TSIG;

/** A resolver that answers with given bytes, whatever it is asked; without any left, it does not answer. */
final class Answering implements Resolver {
    private final ByteBuffer answers;

    Answering(ByteBuffer answers) {
        this.answers = answers;
    }

    @Override
    public CompletionStage<Message> sendAsync(Message query) {
        if (answers.remaining() < Short.BYTES) {
            return CompletableFuture.failedFuture(new IOException("timed out"));
        }
        int length = Math.min(answers.getShort() & 0xffff, answers.remaining());
        byte[] answer = new byte[length];
        answers.get(answer);
        try {
            return CompletableFuture.completedFuture(new Message(answer));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void setPort(int port) {}

    @Override
    public void setTCP(boolean flag) {}

    @Override
    public void setIgnoreTruncation(boolean flag) {}

    @Override
    public void setEDNS(int version, int payloadSize, int flags, List<EDNSOption> options) {}

    @Override
    public void setTSIGKey(TSIG key) {}

    @Override
    public void setTimeout(Duration timeout) {}
}
