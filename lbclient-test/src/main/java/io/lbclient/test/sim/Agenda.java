package io.lbclient.test.sim;

import java.util.Arrays;

/** What is to be done at which time, in the order of the times, and at one time in the order of the calls. */
final class Agenda {
    private long[] times = new long[64];
    private long[] numbers = new long[64];
    private Step[] steps = new Step[64];
    private int size;
    private long given;

    @FunctionalInterface
    interface Step {
        void run(long now);
    }

    long nextTime() {
        return size == 0 ? Timers.NEVER : times[0];
    }

    void add(long time, Step step) {
        if (size == times.length) {
            times = Arrays.copyOf(times, 2 * size);
            numbers = Arrays.copyOf(numbers, 2 * size);
            steps = Arrays.copyOf(steps, 2 * size);
        }
        int place = size++;
        long number = given++;
        while (place > 0) {
            int parent = (place - 1) >> 1;
            if (times[parent] <= time) {
                break;
            }
            move(parent, place);
            place = parent;
        }
        put(place, time, number, step);
    }

    /** Takes the first step away and returns it. */
    Step poll() {
        Step first = steps[0];
        int last = --size;
        long time = times[last];
        long number = numbers[last];
        Step step = steps[last];
        int place = 0;
        while (true) {
            int child = 2 * place + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && earlier(times[child + 1], numbers[child + 1], child)) {
                child++;
            }
            if (!earlier(times[child], numbers[child], time, number)) {
                break;
            }
            move(child, place);
            place = child;
        }
        put(place, time, number, step);
        return first;
    }

    private boolean earlier(long time, long number, int place) {
        return earlier(time, number, times[place], numbers[place]);
    }

    private static boolean earlier(long time, long number, long otherTime, long otherNumber) {
        return time < otherTime || (time == otherTime && number < otherNumber);
    }

    private void move(int from, int to) {
        put(to, times[from], numbers[from], steps[from]);
    }

    private void put(int place, long time, long number, Step step) {
        times[place] = time;
        numbers[place] = number;
        steps[place] = step;
    }
}
