/** Starts the server whose jars are on the class path; its version is the first argument. */
public class Launcher
{
    public static void main(String[] arguments)
    {
        new io.trino.server.Server().start(arguments[0]);
    }
}
