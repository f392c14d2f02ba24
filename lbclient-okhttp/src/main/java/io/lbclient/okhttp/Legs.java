package io.lbclient.okhttp;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;

/** Where the attempts of a race and mirrored requests come by, each in its nested call. */
enum Legs implements Interceptor {
    INSTANCE;

    @Override
    public Response intercept(Chain chain) throws IOException {
        Leg leg = chain.call().tag(Leg.class);
        if (leg != null) {
            return leg.send(chain);
        }
        Mirrors.Copy copy = chain.call().tag(Mirrors.Copy.class);
        return copy == null ? chain.proceed(chain.request()) : copy.send(chain);
    }
}
