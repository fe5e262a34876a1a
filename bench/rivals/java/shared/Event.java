import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.function.Consumer;

/** A payment or a transfer: the fields that rules read. One object serves all events of a stretch; what must last is copied out. */
final class Event {
  String id;
  long ts;
  /** A payment, else a transfer. */
  boolean isPayment;
  String account;
  long cents;
  String country;
  // Of a payment.
  String card;
  String device;
  String ip;
  String merchant;
  String cardCountry;
  boolean declined;
  // Of a transfer.
  String payee;
  /** Sent, else confirmed. */
  boolean isSent;

  private static final JsonFactory FACTORY = new JsonFactory();

  /** Calls back with each event of NDJSON lines, read by Jackson's streaming parser: the values of other fields are passed over. */
  static void forEach(byte[] lines, Consumer<Event> take) throws IOException {
    Event event = new Event();
    try (JsonParser parser = FACTORY.createParser(lines)) {
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        event.read(parser);
        take.accept(event);
      }
    }
  }

  private void read(JsonParser parser) throws IOException {
    for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
      JsonToken value = parser.nextToken();
      switch (field) {
        case "id" -> id = parser.getText();
        case "type" -> isPayment = parser.getText().equals("payment");
        case "ts" -> ts = parser.getLongValue();
        case "account_id" -> account = parser.getText();
        case "amount" -> cents = centsOf(parser);
        case "country" -> country = parser.getText();
        case "card_id" -> card = parser.getText();
        case "device_id" -> device = parser.getText();
        case "ip" -> ip = parser.getText();
        case "merchant_id" -> merchant = parser.getText();
        case "card_country" -> cardCountry = parser.getText();
        case "declined" -> declined = value == JsonToken.VALUE_TRUE;
        case "payee_id" -> payee = parser.getText();
        case "stage" -> isSent = parser.getText().equals("sent");
        default -> { }
      }
    }
  }

  /** An amount of two decimals, from its digits: exact, and cheaper than a BigDecimal. */
  private static long centsOf(JsonParser parser) throws IOException {
    char[] text = parser.getTextCharacters();
    int from = parser.getTextOffset();
    int end = from + parser.getTextLength();
    long cents = 0;
    int decimals = -1;
    for (int i = from; i < end; i++) {
      if (text[i] == '.') decimals = 0;
      else {
        cents = cents * 10 + (text[i] - '0');
        if (decimals >= 0) decimals++;
      }
    }
    if (decimals > 2) throw new IOException("more than two decimals: " + parser.getText());
    for (int i = Math.max(decimals, 0); i < 2; i++) cents *= 10;
    return cents;
  }
}
