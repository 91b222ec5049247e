import java.sql.Connection;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.LocalDate;
import java.util.Locale;

/** Inserts rows of bigint, varchar, double and date as batches of Trino's JDBC driver. */
public final class Writer {
    public static void main(String[] arguments) throws Exception {
        String sql = "INSERT INTO " + arguments[1] + " VALUES (?, ?, ?, ?)";
        int rows = Integer.parseInt(arguments[2]);
        LocalDate day = LocalDate.of(2000, 1, 1);
        try (Connection connection = DriverManager.getConnection(arguments[0], "bench", null);
                PreparedStatement statement = connection.prepareStatement(sql)) {
            long cpu = cpu();
            long began = System.nanoTime();
            for (int row = 0; row < rows; row++) {
                statement.setLong(1, row);
                statement.setString(2, "some text " + row);
                statement.setDouble(3, row / 7.0);
                statement.setDate(4, Date.valueOf(day.plusDays(row % 9000)));
                statement.addBatch();
            }
            int inserted = statement.executeBatch().length;
            double wall = (System.nanoTime() - began) * 1e-9;
            System.out.printf(Locale.ROOT, "{\"rows\": %d, \"wall\": %.6f, \"cpu\": %.6f}%n", inserted, wall,
                    (cpu() - cpu) * 1e-9);
        }
        // The driver's HTTP threads would keep the process for another minute.
        System.exit(0);
    }

    private static long cpu() {
        var system = java.lang.management.ManagementFactory.getOperatingSystemMXBean();
        return ((com.sun.management.OperatingSystemMXBean) system).getProcessCpuTime();
    }
}
