package io.lbclient.session;

import io.lbclient.Affinity;
import io.lbclient.Candidate;
import io.lbclient.MonitoredPool;
import io.lbclient.RequestView;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ties by a signed token that the caller carries. */
final class TokenTie implements Tie {
    private final TokenSettings settings;
    private final Duration lifetime;
    private final InstantSource clock;
    private final TokenCodec codec;

    TokenTie(MonitoredPool pool, TokenSettings settings, Common common) {
        this.settings = settings;
        this.lifetime = common.lifetime();
        this.clock = common.clock();
        this.codec = new TokenCodec(pool.name(), settings.keys());
    }

    @Override
    public void joined(Candidate server) {
        codec.joined(server);
    }

    @Override
    public void left(Candidate server) {
        codec.left(server);
    }

    private long now() {
        return clock.millis() / 1000;
    }

    @Override
    public Hold hold(RequestView request, Affinity.Standing standing) {
        SessionCarrier carrier = request.attribute(SessionCarrier.class);
        String carried = carrier == null ? null : carrier.token();
        String token = carried != null ? carried : settings.reader().apply(request);
        long now = now();
        TokenCodec.Read read = token == null ? null : codec.read(token, now);
        if (read == null) {
            return new TokenHold(carrier, null, false, true);
        }
        Candidate named = read.server();
        Candidate usable = named != null && standing.keeps(named) ? named : null;
        // Half of its life is left, or it is written anew: a session in use does not expire.
        boolean old = !read.current() || read.expiry() - now < lifetime.toSeconds() / 2;
        return new TokenHold(carrier, usable, true, old);
    }

    private final class TokenHold implements Hold {
        private final @Nullable SessionCarrier carrier;
        private final @Nullable Candidate server;
        private final boolean bound;
        private final boolean due;

        TokenHold(@Nullable SessionCarrier carrier, @Nullable Candidate server, boolean bound, boolean due) {
            this.carrier = carrier;
            this.server = server;
            this.bound = bound;
            this.due = due;
        }

        @Override
        public @Nullable Candidate server() {
            return server;
        }

        @Override
        public boolean bound() {
            return bound;
        }

        @Override
        public void answered(Candidate home, Candidate answering, Affinity.Answer answer, List<Affinity.Token> tokens) {
            Affinity.Carrier adapter = settings.carrier();
            boolean nobodyCarriesIt = carrier == null && adapter == null;
            if ((home == server && !due) || nobodyCarriesIt) {
                return;
            }
            String token = codec.write(home, now() + lifetime.toSeconds());
            if (carrier != null) {
                carrier.issue(token, lifetime);
            } else if (adapter != null) {
                tokens.add(new Affinity.Token(adapter, settings.name(), token, lifetime));
            }
        }
    }
}
