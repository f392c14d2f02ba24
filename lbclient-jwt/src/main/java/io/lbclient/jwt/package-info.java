/**
 * Claims of JSON Web Tokens for routing: {@link io.lbclient.jwt.VerifiedClaims} for rules that ask for claims, and {@link
 * io.lbclient.jwt.UnverifiedClaimHint} to choose among pools that are allowed anyway.
 */
@NullMarked
package io.lbclient.jwt;

import org.jspecify.annotations.NullMarked;
