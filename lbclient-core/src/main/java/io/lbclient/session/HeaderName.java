package io.lbclient.session;

import io.lbclient.internal.Checks;

/** What a cookie or a header may be called. */
final class HeaderName {
    private static final String SEPARATORS = "()<>@,;:\\\"/[]?={} \t";
    private static final int MAX_NAME = 128;

    private HeaderName() {}

    /** The name of a cookie or a header: a token of RFC 9110, so that nothing in it can end a line or begin a value. */
    static String check(String what, String name) {
        boolean right = !name.isEmpty()
                && name.length() <= MAX_NAME
                && name.chars().allMatch(c -> c > 0x20 && c < 0x7f && SEPARATORS.indexOf(c) < 0);
        if (!right) {
            throw Checks.rejected(
                    what,
                    Checks.printable(name),
                    "1 to " + MAX_NAME + " letters, digits and ! # $ % & ' * + - . ^ _ ` | ~");
        }
        return name;
    }
}
