package io.lbclient.examples.demo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.lbclient.examples.demo.Figures.Milestone;
import io.lbclient.examples.demo.Figures.SceneFigures;
import io.lbclient.examples.demo.Figures.ServerFigures;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Optional;

/** Writes the figures as JSON. What each means is said in {@code docs/demo.md}. */
final class JsonReport {
    private JsonReport() {}

    static String of(Figures figures) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            json.writeNumberField("ratePerSecond", figures.rate());
            json.writeNumberField("requests", figures.requests());
            json.writeNumberField("userVisibleErrors", figures.errors());
            json.writeNumberField("retries", figures.retries());
            json.writeNumberField("inFlightAtEnd", figures.inFlightAtEnd());
            latencies(json, figures.latencies());
            json.writeObjectFieldStart("milestones");
            for (Milestone milestone : figures.milestones()) {
                milestone(json, milestone);
            }
            json.writeEndObject();
            json.writeArrayFieldStart("scenes");
            for (SceneFigures scene : figures.scenes()) {
                scene(json, scene);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.append('\n').toString();
    }

    private static void milestone(JsonGenerator json, Milestone milestone) throws IOException {
        json.writeFieldName(milestone.name());
        Optional<Double> value = milestone.value();
        if (value.isPresent()) {
            json.writeNumber(rounded(value.get()));
        } else {
            json.writeNull();
        }
    }

    private static void scene(JsonGenerator json, SceneFigures scene) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", scene.played().scene().name());
        json.writeStringField("title", scene.played().scene().title());
        json.writeStringField("server", scene.played().scene().server());
        json.writeNumberField("beginMillis", scene.played().beginNanos() / 1_000_000);
        json.writeNumberField("effectiveMillis", scene.played().effectiveNanos() / 1_000_000);
        json.writeNumberField("endMillis", scene.played().endNanos() / 1_000_000);
        json.writeNumberField("requests", scene.requests());
        json.writeNumberField("userVisibleErrors", scene.errors());
        json.writeNumberField("retries", scene.retries());
        latencies(json, scene.latencies());
        json.writeArrayFieldStart("servers");
        for (ServerFigures server : scene.servers()) {
            json.writeStartObject();
            json.writeStringField("name", server.server());
            json.writeNumberField("attempts", server.attempts());
            number(json, "share", server.share());
            json.writeNumberField("failures", server.failures());
            json.writeNumberField("requests", server.latencies().count());
            latencies(json, server.latencies());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void latencies(JsonGenerator json, Latencies latencies) throws IOException {
        number(json, "p50Millis", latencies.p50());
        number(json, "p99Millis", latencies.p99());
        number(json, "maxMillis", latencies.max());
    }

    /** A figure that does not exist is null: JSON has no NaN. */
    private static void number(JsonGenerator json, String name, double value) throws IOException {
        if (Double.isNaN(value)) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, rounded(value));
        }
    }

    private static double rounded(double value) {
        return Math.round(value * 1e4) / 1e4;
    }
}
