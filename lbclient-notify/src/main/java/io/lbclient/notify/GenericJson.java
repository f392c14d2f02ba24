package io.lbclient.notify;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lbclient.HealthChange;
import io.lbclient.Server;
import java.io.IOException;

/** Writes {@link NotificationFormat#GENERIC_JSON}. A field that does not apply is left out, never null. */
final class GenericJson {
    private static final int VERSION = 1;

    private GenericJson() {}

    static byte[] render(Message message) {
        return Json.write(json -> {
            json.writeStartObject();
            json.writeNumberField("version", VERSION);
            json.writeStringField("sentAt", message.sentAt().toString());
            json.writeObjectFieldStart("labels");
            Json.writeFields(json, message.labels());
            json.writeEndObject();
            json.writeObjectFieldStart("lost");
            json.writeNumberField("overflowed", message.lost().overflowed());
            json.writeNumberField("undelivered", message.lost().undelivered());
            json.writeEndObject();
            json.writeArrayFieldStart("events");
            for (Notice notice : message.notices()) {
                writeEvent(json, notice);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void writeEvent(JsonGenerator json, Notice notice) throws IOException {
        json.writeStartObject();
        json.writeStringField("event", notice.kind().event());
        json.writeStringField("severity", notice.kind().severity());
        json.writeStringField("pool", notice.alert().key().pool());
        HealthChange change = notice.change();
        if (change != null) {
            writeServer(json, change.server());
            json.writeStringField("from", change.from().name());
            json.writeStringField("to", change.to().name());
            json.writeStringField("cause", change.cause().name());
            json.writeBooleanField("raised", change.raised());
            if (change.until() != null) {
                json.writeStringField("until", change.until().toString());
            }
        } else if (notice.alert().server() != null) {
            writeServer(json, notice.alert().server());
        }
        json.writeStringField("detail", notice.detail());
        json.writeStringField("text", notice.text());
        json.writeStringField("since", notice.alert().since().toString());
        json.writeStringField("time", notice.time().toString());
        writeCounts(json, notice.counts());
        json.writeEndObject();
    }

    private static void writeServer(JsonGenerator json, Server server) throws IOException {
        json.writeObjectFieldStart("server");
        json.writeStringField("id", server.id());
        json.writeStringField("host", server.host());
        json.writeNumberField("port", server.port());
        if (!server.zone().isEmpty()) {
            json.writeStringField("zone", server.zone());
        }
        json.writeNumberField("tier", server.tier());
        json.writeEndObject();
    }

    private static void writeCounts(JsonGenerator json, Counts counts) throws IOException {
        json.writeObjectFieldStart("counts");
        json.writeNumberField("out", counts.out());
        if (counts.servers().isPresent()) {
            json.writeNumberField("servers", counts.servers().getAsInt());
        }
        json.writeNumberField("changes", counts.changes());
        json.writeNumberField("seconds", counts.seconds());
        json.writeEndObject();
    }
}
