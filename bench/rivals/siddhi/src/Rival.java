import io.siddhi.core.SiddhiAppRuntime;
import io.siddhi.core.SiddhiManager;
import io.siddhi.core.stream.input.InputHandler;
import io.siddhi.core.stream.output.StreamCallback;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rule pack in SiddhiQL. Playback: event time drives the clock. A window over all payments for each span, shared by queries that group it
 * by their key; what passes `having` is then told apart by rule. Its arguments are the merchants of the list.
 */
public final class Rival {
  private static final String STREAMS = """
      @app:name('rival')
      @app:playback
      define stream Payment (id string, ts long, card string, account string, device string, ip string, merchant string, country string, cardCountry string, cents long, refused int);
      define stream Transfer (id string, ts long, account string, payee string, cents long, sent bool);
      define window Last1 (id string, ts long, card string, account string, device string, ip string, merchant string, cents long, refused int) externalTime(ts, 1 min) output all events;
      define window Last5 (id string, ts long, card string, account string, device string, ip string, merchant string, cents long, refused int) externalTime(ts, 5 min) output all events;
      define window Last15 (id string, ts long, card string, account string, device string, ip string, merchant string, cents long, refused int) externalTime(ts, 15 min) output all events;
      @primaryKey('card') define table LastStep (card string, refused int);
      @primaryKey('account') define table Probe (account string, ts long);
      from Payment select id, ts, card, account, device, ip, merchant, cents, refused insert into Last1;
      from Payment select id, ts, card, account, device, ip, merchant, cents, refused insert into Last5;
      from Payment select id, ts, card, account, device, ip, merchant, cents, refused insert into Last15;
      """;

  private final InputHandler payments;
  private final InputHandler transfers;
  /** One text for each key, so that the windows do not keep a copy of it with each payment. */
  private final Map<String, String> texts = new HashMap<>();
  private List<String> alerts;

  private Rival(String[] watched) {
    SiddhiManager manager = new SiddhiManager();
    manager.setExtension("bench:maxBefore", MaxBefore.class);
    SiddhiAppRuntime runtime = manager.createSiddhiAppRuntime(STREAMS + windows() + filters(watched) + sequences());
    runtime.addCallback("Alert", new StreamCallback() {
      @Override public void receive(io.siddhi.core.event.Event[] found) {
        for (io.siddhi.core.event.Event alert : found) alerts.add(alert.getData(0) + " " + alert.getData(1));
      }
    });
    runtime.start();
    payments = runtime.getInputHandler("Payment");
    transfers = runtime.getInputHandler("Transfer");
  }

  public static void main(String[] watched) throws Exception {
    Rival rival = new Rival(watched);
    Harness.serve((lines, alerts) -> {
      rival.alerts = alerts;
      Event.forEach(lines, rival::take);
    });
  }

  /** The windows of the pack: what of them is looked at, and the rules over it. */
  private static String windows() {
    return window("card", 1, "count() as number", rule("card-count-1m", "number > " + Limits.CARD_COUNT_1M))
        + window("card", 5, "count() as number, sum(cents) as total",
            rule("card-count-5m", "number > " + Limits.CARD_COUNT_5M),
            rule("card-sum-5m", "total > " + Limits.CARD_SUM_5M))
        // `before` is the window less the payment at hand.
        + window("card", 15, "cents, count() as number, sum(cents) as total, sum(refused) as refusals, distinctCount(device) as devices, distinctCount(merchant) as merchants, bench:maxBefore(cents) as largest",
            rule("card-sum-15m", "total > " + Limits.CARD_SUM_15M),
            rule("card-devices-15m", "devices >= " + Limits.CARD_DEVICES_15M),
            rule("card-merchants-15m", "merchants >= " + Limits.CARD_MERCHANTS_15M),
            rule("card-ratio-15m", "number > " + Limits.CARD_RATIO_LEAST + " and cents * (number - 1) > " + Limits.CARD_RATIO_15M + " * (total - cents)"),
            rule("card-declined-share-15m", "number >= " + Limits.CARD_DECLINED_SHARE_LEAST + " and refusals * 100 > " + Limits.CARD_DECLINED_SHARE_15M + " * number"),
            rule("card-new-maximum-15m", "number > " + Limits.CARD_NEW_MAXIMUM_LEAST + " and cents > " + Limits.CARD_NEW_MAXIMUM_15M + " * largest"))
        + window("account", 15, "count() as number, sum(cents) as total",
            rule("account-count-15m", "number > " + Limits.ACCOUNT_COUNT_15M),
            rule("account-sum-15m", "total > " + Limits.ACCOUNT_SUM_15M))
        + window("device", 5, "count() as number, sum(cents) as total",
            rule("device-count-5m", "number > " + Limits.DEVICE_COUNT_5M),
            rule("device-sum-5m", "total > " + Limits.DEVICE_SUM_5M))
        + window("device", 15, "distinctCount(card) as cards", rule("device-cards-15m", "cards >= " + Limits.DEVICE_CARDS_15M))
        + window("ip", 1, "count() as number", rule("ip-count-1m", "number > " + Limits.IP_COUNT_1M))
        + window("ip", 5, "count() as number", rule("ip-count-5m", "number > " + Limits.IP_COUNT_5M))
        + window("ip", 15, "distinctCount(card) as cards", rule("ip-cards-15m", "cards >= " + Limits.IP_CARDS_15M))
        + refusals(1, rule("merchant-declines-1m", "number > " + Limits.MERCHANT_DECLINES_1M))
        + refusals(5, rule("merchant-declines-5m", "number > " + Limits.MERCHANT_DECLINES_5M));
  }

  private static String filters(String[] watched) {
    return alert("large-abroad", "from Payment[cents > " + Limits.LARGE_ABROAD + " and country != cardCountry and (country == 'US' or country == 'IE')]")
        + alert("watched-merchant", "from Payment[cents > " + Limits.WATCHED_MERCHANT + " and (merchant == '" + String.join("' or merchant == '", watched) + "')]");
  }

  private static String sequences() {
    String largeTransfer = "Transfer[sent and cents > " + Limits.PROBE_THEN_TRANSFER + "]";
    // Among refusals and large payments alone, the one before the large one is a refusal. In this order: the step at hand is noted last.
    return "from Payment[refused == 1 or cents > " + Limits.REFUSED_THEN_LARGE + "] select id, ts, card, refused insert into Step;\n"
        + "from Step#window.externalTime(ts, " + Limits.REFUSED_WITHIN + " milliseconds) select id, card, refused, sum(refused) as refusals group by card having refused == 0 and refusals >= 3 insert into LargeAfterThree;\n"
        + "from LargeAfterThree join LastStep on LargeAfterThree.card == LastStep.card select LargeAfterThree.id as id, LastStep.refused as before having before == 1 insert into LargeAfterRefusal;\n"
        + alert("refused-then-large", "from LargeAfterRefusal")
        + "from Step select card, refused update or insert into LastStep set LastStep.refused = refused on LastStep.card == card;\n"
        // The last probe of an account waits in a table for the first large transfer.
        + "from Payment[cents < " + Limits.PROBE_BELOW + "] select account, ts update or insert into Probe set Probe.ts = ts on Probe.account == account;\n"
        + "from " + largeTransfer + " as t join Probe as p on t.account == p.account select t.id as id, t.ts - p.ts as age having age < " + Limits.PROBE_WITHIN + " insert into TransferAfterProbe;\n"
        + alert("probe-then-transfer", "from TransferAfterProbe")
        + "from " + largeTransfer + " delete Probe on Probe.account == account;\n"
        + alert("unconfirmed-transfer", "from every s=Transfer[sent and cents > " + Limits.UNCONFIRMED_TRANSFER + "]"
            + " -> not Transfer[not(sent) and account == s.account and payee == s.payee] for " + Limits.UNCONFIRMED_WITHIN + " milliseconds", "s.id");
  }

  private record Rule(String id, String holds) {}

  private static Rule rule(String id, String holds) { return new Rule(id, holds); }

  /** What the payments of one key in the last minutes come to, and the rules over it. */
  private static String window(String key, int minutes, String values, Rule... rules) { return grouped("Last" + minutes, key, minutes, values, rules); }

  /** As rules over refusals hold for refused payments only, so does their window. */
  private static String refusals(int minutes, Rule rule) {
    return grouped("Payment[refused == 1]#window.externalTime(ts, " + minutes + " min)", "merchant", minutes, "count() as number", rule);
  }

  private static String grouped(String window, String key, int minutes, String values, Rule... rules) {
    String found = key + minutes;
    String any = Stream.of(rules).map((rule) -> "(" + rule.holds + ")").collect(Collectors.joining(" or "));
    String query = "from " + window + " select id, " + values + " group by " + key + " having " + any + " insert into " + found + ";\n";
    return query + Stream.of(rules).map((rule) -> alert(rule.id, "from " + found + "[" + rule.holds + "]")).collect(Collectors.joining());
  }

  /** A query whose every row is an alert. */
  private static String alert(String rule, String from) { return alert(rule, from, "id"); }

  private static String alert(String rule, String from, String id) { return from + " select " + id + " as id, '" + rule + "' as rule insert into Alert;\n"; }

  private void take(Event event) {
    try {
      if (event.isPayment) {
        payments.send(event.ts, new Object[] { event.id, event.ts, text(event.card), text(event.account), text(event.device), text(event.ip), text(event.merchant),
            text(event.country), text(event.cardCountry), event.cents, event.declined ? 1 : 0 });
      } else {
        transfers.send(event.ts, new Object[] { event.id, event.ts, event.account, event.payee, event.cents, event.isSent });
      }
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  private String text(String key) {
    String known = texts.putIfAbsent(key, key);
    return known == null ? key : known;
  }
}
