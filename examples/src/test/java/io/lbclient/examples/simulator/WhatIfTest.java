package io.lbclient.examples.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class WhatIfTest {
    @Test
    void itPrintsALineForEachCandidate() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        WhatIf.print(new PrintStream(bytes, true, UTF_8));

        List<String> lines = bytes.toString(UTF_8).lines().toList();
        assertThat(lines).hasSize(5);
        assertThat(lines.subList(1, 5)).allMatch(line -> line.contains("p99") && !line.contains("NaN"));
    }
}
