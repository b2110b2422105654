import jakarta.servlet.http.HttpServlet;
import jakarta.websocket.OnMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.PathParam;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/** Tomcat, embedded: the annotated echo, or the room as every Java example writes it. Prints the port on which it listens. */
public class TomcatServer {
    @ServerEndpoint("/bench/{one}")
    public static class Echo {
        @OnMessage
        public String text(String message, Session session, @PathParam("one") String one) {
            return message;
        }
    }

    @ServerEndpoint("/bench/{one}")
    public static class Room {
        /** Threads of several senders meet here, and a session takes one message at a time. */
        @OnMessage
        public void text(String message, Session session, @PathParam("one") String one) throws IOException {
            for (Session peer : session.getOpenSessions()) {
                synchronized (peer) {
                    if (peer.isOpen()) peer.getBasicRemote().sendText(message);
                }
            }
        }
    }

    public static void main(String[] args) throws Exception {
        Class<?> endpoint = args[0].equals("room") ? Room.class : Echo.class;
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(Files.createTempDirectory("bench").toString());
        Connector connector = new Connector();
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("maxConnections", "20000");
        tomcat.setConnector(connector);
        StandardContext context = new StandardContext();
        context.setPath("");
        context.setIgnoreAnnotations(true); // those of servlets, whose classes are in none of the jars
        context.addLifecycleListener(event -> {
            if (event.getType().equals(Lifecycle.CONFIGURE_START_EVENT)) context.setConfigured(true);
        });
        tomcat.getHost().addChild(context);
        context.addServletContainerInitializer(new WsSci(), Set.of(endpoint));
        Tomcat.addServlet(context, "none", new HttpServlet() {});
        context.addServletMappingDecoded("/", "none");
        tomcat.start();
        System.out.println(connector.getLocalPort());
        System.in.read(); // until the bench has gone
        System.exit(0);
    }
}
