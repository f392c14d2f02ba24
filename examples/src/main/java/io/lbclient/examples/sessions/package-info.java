/** What happens to the sessions of users when a server is killed: {@code ./demo sessions}. */
@NullMarked
package io.lbclient.examples.sessions;

import org.jspecify.annotations.NullMarked;
