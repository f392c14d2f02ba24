/**
 * News for the people who repair servers: an {@link io.lbclient.notify.OperatorNotifier} listens to pools and posts what
 * happens to a webhook, without ever holding up a request.
 */
@NullMarked
package io.lbclient.notify;

import org.jspecify.annotations.NullMarked;
