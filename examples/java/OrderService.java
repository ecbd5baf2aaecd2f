import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/**
 * A service with what the hooks call: its health, and the switch that turns it on and off. Built with
 * {@code javac --release 17 -d build OrderService.java && jar --create --file order-service.jar --main-class OrderService -C build .}
 */
public final class OrderService {
  private static volatile boolean online;

  public static void main(String[] args) throws IOException {
    for (String port : new String[] {"PORT_HTTP", "PORT_RPC", "PORT_MANAGE"}) {
      HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(System.getenv(port))), 0);
      server.setExecutor(Executors.newFixedThreadPool(2));
      server.createContext("/", OrderService::answer);
      server.start();
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    switch (exchange.getRequestURI().getPath()) {
      case "/health" -> send(exchange, 200, "{\"status\":\"UP\"}");
      case "/_HB_.php" -> turn(exchange, exchange.getRequestURI().getQuery());
      default -> send(exchange, 200, "hello from java with " + Runtime.getRuntime().availableProcessors() + " CPUs");
    }
  }

  private static void turn(HttpExchange exchange, String query) throws IOException {
    if ("service=online".equals(query)) online = true;
    if ("service=offline".equals(query)) online = false;
    send(exchange, query == null && !online ? 404 : 200, online ? "online" : "offline");
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
