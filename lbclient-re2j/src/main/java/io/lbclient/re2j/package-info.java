/** Regular expressions for rules, matched in time that is linear in the input: {@link io.lbclient.re2j.Re2}. */
@NullMarked
package io.lbclient.re2j;

import org.jspecify.annotations.NullMarked;
