package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.internal.Checks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Servers as lines of text: {@code host:port weight=2 zone=a tier=1 key=value}, with IPv6 addresses in brackets; what
 * follows {@code #} is a comment where a word could begin. Also how a list is kept on disk.
 *
 * <p>{@code id}, {@code weight}, {@code zone} and {@code tier} are the server's own, all other keys are tags. A tag whose
 * name has one of these forms, or a character that means something here, is written with {@code %} and two hexadecimal
 * digits in its name.
 */
final class ServerLines {
    /** The word that a file says alone, if it means that there are no servers. */
    static final String NONE = "none";

    private static final Pattern ADDRESS = Pattern.compile("(\\[[^\\[\\]]+]|[^\\[\\]:]+):([0-9]{1,5})");
    private static final Pattern ESCAPE = Pattern.compile("%([0-9a-fA-F]{2})");
    private static final Pattern WORDS = Pattern.compile("[ \t]+");
    private static final List<String> OWN = List.of("id", "weight", "zone", "tier");

    private ServerLines() {}

    /** What a text says. A list that is authoritative says expressly that it is empty. */
    record Parsed(List<Server> servers, boolean authoritative) {}

    /**
     * Parses the whole text or nothing of it.
     *
     * @throws IllegalArgumentException if a line is wrong, with the line's number and what is wrong with it
     */
    static Parsed parse(String text) {
        if (text.isEmpty()) {
            // A program that truncates a file before it writes leaves this for a moment.
            throw new IllegalArgumentException("the file is empty (expected: servers, or the word " + NONE + ")");
        }
        List<Server> servers = new ArrayList<>();
        Map<String, Integer> lineById = new HashMap<>();
        boolean none = false;
        String[] lines = text.split("\n", -1);
        for (int at = 0; at < lines.length; at++) {
            int number = at + 1;
            try {
                List<String> words = words(lines[at]);
                if (at == lines.length - 1 && !lines[at].isEmpty()) {
                    throw new IllegalArgumentException(
                            "the last line does not end (expected: a line break; the file may be half-written)");
                } else if (words.equals(List.of(NONE))) {
                    none = true;
                } else if (!words.isEmpty()) {
                    Server server = server(words);
                    Integer twin = lineById.putIfAbsent(server.id(), number);
                    if (twin != null) {
                        throw Checks.rejected("id", server.id(), "one line for each server; line " + twin + " has it");
                    }
                    servers.add(server);
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
            }
        }
        if (none && !servers.isEmpty()) {
            throw new IllegalArgumentException(
                    "servers: " + servers.size() + " beside the word " + NONE + " (expected: either)");
        }
        return new Parsed(List.copyOf(servers), none);
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        String bare = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
        for (String word : WORDS.split(bare.strip())) {
            if (word.startsWith("#")) {
                break;
            }
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    private static Server server(List<String> words) {
        Matcher address = ADDRESS.matcher(words.get(0));
        if (!address.matches()) {
            throw Checks.rejected("server", Checks.escaped(words.get(0)), "host:port, an IPv6 address in brackets");
        }
        Server server = Server.of(address.group(1), Integer.parseInt(address.group(2)));
        Map<String, String> settings = new LinkedHashMap<>();
        for (String word : words.subList(1, words.size())) {
            int equals = word.indexOf('=');
            if (equals <= 0 || equals == word.length() - 1) {
                throw Checks.rejected("setting", Checks.escaped(word), "key=value");
            }
            if (settings.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
                throw Checks.rejected("setting", Checks.escaped(word), "each key once");
            }
        }
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            server = with(server, setting.getKey(), setting.getValue());
        }
        return server;
    }

    private static Server with(Server server, String key, String value) {
        try {
            return switch (key) {
                case "id" -> server.withId(value);
                case "weight" -> server.withWeight(Double.parseDouble(value));
                case "zone" -> server.withZone(value);
                case "tier" -> server.withTier(Integer.parseInt(value));
                default -> server.withTag(unescaped(key), value);
            };
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + ": " + Checks.escaped(value) + " (expected: a number)", e);
        }
    }

    private static String unescaped(String key) {
        return ESCAPE.matcher(key)
                .replaceAll(m -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(m.group(1), 16))));
    }

    private static String escaped(String key) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            boolean special = c == '%' || c == '=' || c == '#' || (i == 0 && OWN.contains(key));
            text.append(special ? "%%%02x".formatted((int) c) : String.valueOf(c));
        }
        return text.toString();
    }

    /** Writes one line for each server; {@link #parse} gives the same servers. */
    static String format(List<Server> servers) {
        StringBuilder text = new StringBuilder();
        for (Server server : servers) {
            String address =
                    (server.host().indexOf(':') < 0 ? server.host() : "[" + server.host() + "]") + ":" + server.port();
            text.append(address);
            if (!server.id().equals(address)) {
                text.append(" id=").append(server.id());
            }
            if (server.weight() != 1.0) {
                text.append(" weight=").append(server.weight());
            }
            if (!server.zone().isEmpty()) {
                text.append(" zone=").append(server.zone());
            }
            if (server.tier() != 0) {
                text.append(" tier=").append(server.tier());
            }
            server.tags()
                    .forEach((key, value) ->
                            text.append(' ').append(escaped(key)).append('=').append(value));
            text.append('\n');
        }
        return text.toString();
    }
}
