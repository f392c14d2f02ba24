/** What several demonstrations share: servers in processes of their own, steady traffic, and a narrator. */
@NullMarked
package io.lbclient.examples.shared;

import org.jspecify.annotations.NullMarked;
