package io.lbclient.test.sim;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.balancer.Prober;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One run: moves the clock from event to event, and carries requests between the clients and the servers. */
final class Engine implements SimulatedServers {
    // Names of streams
    static final int REQUESTS = 1;
    static final int ANTAGONISTS = 2;
    private static final int CLIENTS = 3;
    private static final int POOLS = 4;
    private static final int PROBES = 5;
    private static final int DISCOVERY = 6;

    private final Scenario scenario;
    private final Strategy strategy;
    private final long seed;
    private final FakeTicker ticker = new FakeTicker(0);
    private final ManualScheduler scheduler = new ManualScheduler(ticker);
    private final Agenda agenda = new Agenda();
    private final Timers timers;
    private final DelayLine toServers;
    private final DelayLine toClients;
    private final Flow[] flows;
    private final LiveServer[] servers;
    private final Client[] clients;
    private final int firstServer;
    private final int firstClient;
    private final Recorder recorder;
    private final ArrayDeque<Visit> free = new ArrayDeque<>();
    private final Stream draws = new Stream(0);
    private final Probes probes;
    private long now;
    private int awaited;

    Engine(Scenario scenario, Strategy strategy, long seed, Recorder recorder) {
        this.scenario = scenario;
        this.strategy = strategy;
        this.seed = seed;
        this.recorder = recorder;
        this.probes = new Probes(this, stream(PROBES, 0));
        this.toServers = new DelayLine(scenario.oneWayNanos);
        this.toClients = new DelayLine(scenario.oneWayNanos);
        this.firstServer = scenario.traffic.size();
        this.firstClient = firstServer + scenario.servers.size();
        this.flows = new Flow[scenario.traffic.size()];
        int count = 0;
        for (int i = 0; i < flows.length; i++) {
            flows[i] = new Flow(scenario.traffic.get(i), i);
            count += flows[i].traffic.clients;
        }
        this.timers = new Timers(firstClient + count);
        this.servers = new LiveServer[scenario.servers.size()];
        for (int i = 0; i < servers.length; i++) {
            servers[i] = new LiveServer(this, i, scenario.servers.get(i).model());
        }
        this.clients = new Client[count];
        buildClients();
        planJoins();
        planFaults();
    }

    // Setting up

    private void buildClients() {
        List<Server> present = present(0);
        int number = 0;
        for (Flow flow : flows) {
            for (int i = 0; i < flow.traffic.clients; i++) {
                ServerPoolBuilder builder = ServerPool.builder("client-" + number)
                        .servers(present)
                        .ticker(ticker)
                        .scheduler(scheduler)
                        .seed(Stream.seed(seed, POOLS, number));
                strategy.apply(builder, this);
                int timer = firstClient + number;
                Client client = new Client(flow, builder.build(), Stream.seed(seed, CLIENTS, number), timer);
                clients[number++] = client;
                timers.set(timer, client.firstArrival());
            }
        }
    }

    private List<Server> present(long time) {
        List<Server> present = new ArrayList<>();
        for (LiveServer each : servers) {
            if (scenario.servers.get(each.index).joinsNanos() <= time) {
                present.add(each.server);
            }
        }
        return present;
    }

    /** Each client hears of new servers a little later than they are there, and not at the same time as the others. */
    private void planJoins() {
        Stream delays = stream(DISCOVERY, 0);
        for (long joins : scenario.joins()) {
            later(joins, time -> {
                for (LiveServer each : servers) {
                    if (scenario.servers.get(each.index).joinsNanos() == joins) {
                        each.startCold(time);
                    }
                }
            });
            List<Server> list = present(joins);
            for (Client client : clients) {
                later(joins + (long) (delays.nextDouble() * 1e9), time -> client.pool.update(list));
            }
        }
    }

    private void planFaults() {
        for (Scenario.Incident incident : scenario.incidents) {
            for (int index : incident.servers()) {
                LiveServer struck = servers[index];
                later(incident.fromNanos(), time -> struck.strike(incident.fault(), time));
                later(incident.untilNanos(), time -> struck.heal(incident.fault(), time));
            }
        }
    }

    Stream stream(int name, int number) {
        return Stream.named(seed, name, number);
    }

    boolean watching() {
        return strategy.watching();
    }

    Strategy.Reports reports() {
        return strategy.reports();
    }

    // The run

    void run() {
        try {
            while (awaited > 0 || nextTime() <= scenario.endNanos || scheduledBefore(scenario.endNanos)) {
                step();
            }
        } finally {
            for (Client client : clients) {
                client.pool.close();
            }
        }
    }

    private boolean scheduledBefore(long time) {
        long until = scheduler.nanosUntilNext();
        return until != Long.MAX_VALUE && now + until <= time;
    }

    private long nextTime() {
        long onTheWay = Math.min(toServers.nextTime(), toClients.nextTime());
        return Math.min(Math.min(agenda.nextTime(), onTheWay), timers.nextTime());
    }

    /** Of what is due at one time, the agenda comes first, then what is on the way, then the timers. */
    private void step() {
        long next = nextTime();
        long untilTask = scheduler.nanosUntilNext();
        if (untilTask != Long.MAX_VALUE && now + untilTask <= next) {
            moveTo(now + Math.max(0, untilTask));
            scheduler.runDue();
            return;
        }
        moveTo(next);
        if (agenda.nextTime() == next) {
            agenda.poll().run(next);
        } else if (toServers.nextTime() == next) {
            Visit visit = toServers.next();
            toServers.drop();
            visit.server.arrive(visit, next);
        } else if (toClients.nextTime() == next) {
            Visit visit = toClients.next();
            toClients.drop();
            received(visit);
        } else {
            ring(timers.next());
        }
    }

    private void ring(int timer) {
        if (timer >= firstClient) {
            arrival(clients[timer - firstClient]);
        } else if (timer >= firstServer) {
            servers[timer - firstServer].finish(now);
        } else {
            timeouts(flows[timer]);
        }
    }

    private void moveTo(long time) {
        ticker.advanceNanos(time - now);
        now = time;
    }

    void later(long time, Agenda.Step step) {
        agenda.add(time, step);
    }

    long now() {
        return now;
    }

    LiveServer server(Server server) {
        return servers[server.port() - 1];
    }

    void finishAt(LiveServer server, long time) {
        timers.set(firstServer + server.index, time);
    }

    // Clients

    private void arrival(Client client) {
        long next = client.nextArrival(now);
        timers.set(client.timer(), next < scenario.endNanos ? next : Timers.NEVER);
        Visit visit = take(client);
        visit.draws = client.nextRequest();
        draws.restart(visit.draws);
        visit.born = now;
        visit.workNanos = client.flow.traffic.work.drawNanos(draws);
        visit.key = client.flow.zipf == null ? -1 : client.flow.zipf.draw(draws);
        visit.number = 1;
        recorder.request(now);
        client.flow.retrying.request(client);
        send(visit, null);
    }

    private void send(Visit visit, @Nullable Attempt previous) {
        Client client = visit.client;
        Attempt attempt;
        try {
            attempt = previous == null ? client.pool.pick(client.view(visit.key)) : previous.another();
        } catch (NoServerAvailableException e) {
            recorder.failed(visit, false, now);
            release(visit);
            return;
        }
        LiveServer server = server(attempt.server());
        recorder.attempt(server.index, now);
        server.assigned++;
        visit.attempt = attempt;
        visit.server = server;
        visit.awaited = true;
        visit.underway = true;
        awaited++;
        client.flow.timeouts.add(visit, now);
        if (client.flow.timeouts.size() == 1) {
            timers.set(client.flow.timer, client.flow.timeouts.nextTime());
        }
        if (scenario.oneWayNanos == 0) {
            server.arrive(visit, now);
        } else {
            toServers.add(visit, now);
        }
    }

    /** The first client of those that wait longest has waited long enough, unless its answer came in the meantime. */
    private void timeouts(Flow flow) {
        DelayLine line = flow.timeouts;
        while (line.size() > 0 && (line.nextTime() <= now || !waitsAtHead(line))) {
            Visit visit = line.next();
            boolean due = waitsAtHead(line);
            line.drop();
            if (due) {
                end(visit, Outcome.TIMEOUT);
            }
        }
        timers.set(flow.timer, line.nextTime());
    }

    private static boolean waitsAtHead(DelayLine line) {
        return line.current() && line.next().awaited;
    }

    private void received(Visit visit) {
        visit.underway = false;
        recorder.answered(visit);
        if (visit.awaited) {
            if (visit.report != null && visit.attempt != null) {
                visit.attempt.report(visit.report);
            }
            end(visit, visit.outcome);
        } else {
            release(visit);
        }
    }

    private void end(Visit visit, Outcome outcome) {
        visit.awaited = false;
        awaited--;
        Attempt attempt = visit.attempt;
        if (attempt == null) {
            throw new IllegalStateException("a visit without an attempt");
        }
        attempt.complete(outcome);
        if (outcome == Outcome.SUCCESS) {
            recorder.succeeded(visit, now);
        } else {
            long delay = visit.client.flow.retrying.delayNanos(visit, attempt, outcome);
            if (delay == Retrying.NEVER) {
                recorder.failed(visit, outcome == Outcome.TIMEOUT, now);
            } else {
                repeat(visit, attempt, delay);
            }
        }
        if (!visit.underway) {
            release(visit);
        }
    }

    private void repeat(Visit visit, Attempt failed, long delay) {
        Visit again = take(visit.client);
        again.repeats(visit);
        draws.restart(visit.draws);
        again.workNanos = visit.client.flow.traffic.work.drawNanos(draws);
        if (delay == 0) {
            send(again, failed);
            return;
        }
        // Waited for like an answer, or a run would end while requests pause.
        awaited++;
        later(now + delay, time -> {
            awaited--;
            send(again, failed);
        });
    }

    private Visit take(Client client) {
        Visit visit = free.poll();
        if (visit == null) {
            return new Visit(client, servers[0]);
        }
        visit.client = client;
        return visit;
    }

    private void release(Visit visit) {
        visit.forget();
        free.push(visit);
    }

    // Servers

    void answered(Visit visit, long time) {
        visit.server.assigned--;
        if (scenario.oneWayNanos == 0) {
            received(visit);
        } else {
            toClients.add(visit, time);
        }
    }

    /** There will be no answer. */
    void swallowed(Visit visit) {
        visit.server.assigned--;
        visit.underway = false;
        if (!visit.awaited) {
            release(visit);
        }
    }

    // What strategies are given

    @Override
    public Prober prober() {
        return probes;
    }

    @Override
    public Balancer omniscient() {
        return new Omniscient(servers);
    }
}
