package io.lbclient.notify;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lbclient.HealthChange;
import io.lbclient.Server;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;

/**
 * Writes {@link NotificationFormat#ALERTMANAGER}, after {@code postableAlerts} in Alertmanager's {@code
 * api/v2/openapi.yaml}.
 *
 * <p>An alert is known by its labels, so those of the notice that resolves it are those of the one that fired it: the
 * state in them is the first one. What changes meanwhile is in the annotations.
 */
final class AlertmanagerJson {
    private AlertmanagerJson() {}

    static byte[] render(Message message) {
        return Json.write(json -> {
            json.writeStartArray();
            Message.Lost lost = message.lost();
            for (Notice notice : message.notices()) {
                json.writeStartObject();
                writeLabels(json, notice, message.labels());
                writeAnnotations(json, notice, lost, message.sentAt());
                json.writeStringField("startsAt", notice.alert().since().toString());
                if (!notice.kind().fires()) {
                    json.writeStringField("endsAt", notice.time().toString());
                }
                json.writeEndObject();
                // Said once: one loss is not one for each alert.
                lost = Message.Lost.NOTHING;
            }
            json.writeEndArray();
        });
    }

    private static void writeLabels(JsonGenerator json, Notice notice, Map<String, String> more) throws IOException {
        Alert alert = notice.alert();
        json.writeObjectFieldStart("labels");
        json.writeStringField("alertname", alert.key().alertName());
        json.writeStringField("severity", notice.kind().severity());
        json.writeStringField("pool", alert.key().pool());
        if (!alert.key().server().isEmpty()) {
            json.writeStringField("server", alert.key().server());
        }
        json.writeStringField("state", alert.state());
        Json.writeFields(json, more);
        json.writeEndObject();
    }

    private static void writeAnnotations(JsonGenerator json, Notice notice, Message.Lost lost, Instant sentAt)
            throws IOException {
        json.writeObjectFieldStart("annotations");
        json.writeStringField("summary", notice.text());
        json.writeStringField("description", notice.detail());
        HealthChange change = notice.change();
        if (change != null) {
            json.writeStringField("from", change.from().name());
            json.writeStringField("to", change.to().name());
            json.writeStringField("cause", change.cause().name());
            // What stands is repeated. An ejection that was prolonged meanwhile is no news, so the time that is known
            // is the first one, and once it has passed it says nothing.
            if (change.until() != null && !change.until().isBefore(sentAt)) {
                json.writeStringField("until", change.until().toString());
            }
        }
        Server server = notice.alert().server();
        if (server != null) {
            json.writeStringField("host", server.host());
            json.writeStringField("port", Integer.toString(server.port()));
        }
        if (!lost.equals(Message.Lost.NOTHING)) {
            json.writeStringField(
                    "lost",
                    lost.overflowed() + " earlier events overflowed the queue, " + lost.undelivered()
                            + " were not delivered");
        }
        json.writeEndObject();
    }
}
