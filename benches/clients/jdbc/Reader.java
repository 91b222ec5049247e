import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.Statement;
import java.sql.Types;
import java.util.Locale;

/** Reads a result with Trino's JDBC driver: the getter of its type on every cell. */
public final class Reader {
    private long rows, cells, units, heads, integers, days, unscaled;

    public static void main(String[] arguments) throws Exception {
        String url = arguments[0];
        String sql = arguments[1];
        int iterations = Integer.parseInt(arguments[2]);
        try (Connection connection = DriverManager.getConnection(url, "bench", null)) {
            for (int iteration = 0; iteration < iterations; iteration++) {
                new Reader().read(connection, sql);
            }
        }
        // The driver's HTTP threads would keep the process for another minute.
        System.exit(0);
    }

    private void read(Connection connection, String sql) throws Exception {
        long cpuBefore = cpu();
        long began = System.nanoTime();
        long first = 0;
        double doubles = 0;
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            ResultSetMetaData columns = result.getMetaData();
            int count = columns.getColumnCount();
            int[] types = new int[count];
            double[] columnDoubles = new double[count];
            for (int at = 0; at < count; at++) {
                types[at] = columns.getColumnType(at + 1);
            }
            while (result.next()) {
                if (first == 0) {
                    first = System.nanoTime() - began;
                }
                rows++;
                for (int at = 0; at < count; at++) {
                    switch (types[at]) {
                        case Types.DOUBLE -> {
                            double value = result.getDouble(at + 1);
                            if (!result.wasNull()) {
                                cells++;
                                columnDoubles[at] += value;
                            }
                        }
                        default -> add(result, at + 1, types[at]);
                    }
                }
            }
            for (double value : columnDoubles) {
                doubles += value;
            }
        }
        double wall = (System.nanoTime() - began) * 1e-9;
        System.out.println(String.format(Locale.ROOT,
                "{\"rows\":%d,\"cells\":%d,\"units\":%d,\"heads\":%d,\"integers\":%d,\"doubles\":%s,"
                        + "\"days\":%d,\"unscaled\":%s,\"cpu\":%.6f,\"wall\":%.6f,\"first\":%.6f,\"peak\":%d}",
                rows, cells, units, heads, integers, doubles, days, Long.toUnsignedString(unscaled),
                (cpu() - cpuBefore) * 1e-9, wall, first * 1e-9, peak()));
    }

    private void add(ResultSet result, int column, int type) throws Exception {
        switch (type) {
            case Types.BIGINT -> {
                long value = result.getLong(column);
                if (!result.wasNull()) {
                    cells++;
                    integers += value;
                }
            }
            case Types.INTEGER -> {
                int value = result.getInt(column);
                if (!result.wasNull()) {
                    cells++;
                    integers += value;
                }
            }
            case Types.DATE -> {
                java.sql.Date value = result.getDate(column);
                if (value != null) {
                    cells++;
                    days += day(value);
                }
            }
            case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE -> {
                java.sql.Timestamp value = result.getTimestamp(column);
                if (value != null) {
                    cells++;
                    days += day(value);
                }
            }
            case Types.DECIMAL -> {
                BigDecimal value = result.getBigDecimal(column);
                if (value != null) {
                    cells++;
                    unscaled += value.unscaledValue().longValue();
                }
            }
            case Types.VARCHAR -> {
                String value = result.getString(column);
                if (value != null) {
                    cells++;
                    units += value.length();
                    if (!value.isEmpty() && value.charAt(0) < 0x80) {
                        heads += value.charAt(0);
                    }
                }
            }
            default -> throw new IllegalStateException("no workload has type " + type);
        }
    }

    @SuppressWarnings("deprecation")
    private static int day(java.util.Date value) {
        return value.getDate();
    }

    /** Nanoseconds of user and system time of this process. */
    private static long cpu() {
        return ((com.sun.management.OperatingSystemMXBean)
                        java.lang.management.ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /** The most memory that this process held, in kilobytes. */
    private static long peak() throws Exception {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }
}
