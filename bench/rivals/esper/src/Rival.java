import com.espertech.esper.common.client.EventBean;
import com.espertech.esper.common.client.configuration.Configuration;
import com.espertech.esper.compiler.client.CompilerArguments;
import com.espertech.esper.compiler.client.EPCompilerProvider;
import com.espertech.esper.runtime.client.EPEventService;
import com.espertech.esper.runtime.client.EPRuntime;
import com.espertech.esper.runtime.client.EPRuntimeProvider;
import events.Payment;
import events.Transfer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rule pack in EPL. Event time drives the clock. One window over all payments and a `group by` for each key and span: in Esper that is
 * cheaper than a window for each key. The rules of one window share a statement. Its arguments are the merchants of the list.
 */
public final class Rival {
  /** A rule and when it holds for the payment at hand, which lies in the window already. */
  private record Rule(String id, String holds) {}

  private final Configuration configuration = new Configuration();
  private final EPRuntime runtime;
  private final EPEventService events;
  /** One text for each key, so that the windows do not keep a copy of it with each payment. */
  private final Map<String, String> texts = new HashMap<>();
  private List<String> alerts;
  private long now;

  private Rival(String[] watched) throws Exception {
    configuration.getCommon().addEventType(Payment.class);
    configuration.getCommon().addEventType(Transfer.class);
    configuration.getRuntime().getThreading().setInternalTimerEnabled(false);
    configuration.getRuntime().getThreading().setListenerDispatchPreserveOrder(false); // one thread, so there is no order to guard
    configuration.getRuntime().getThreading().setInsertIntoDispatchPreserveOrder(false);
    runtime = EPRuntimeProvider.getRuntime("rival", configuration);
    events = runtime.getEventService();
    deployWindows();
    deployFilters(watched);
    deploySequences();
  }

  public static void main(String[] watched) throws Exception {
    Rival rival = new Rival(watched);
    Harness.serve((lines, alerts) -> {
      rival.alerts = alerts;
      Event.forEach(lines, rival::take);
    });
  }

  private void deployWindows() throws Exception {
    deployWindow("Payment", "card", 1, new Rule("card-count-1m", "count(*) > " + Limits.CARD_COUNT_1M));
    deployWindow("Payment", "card", 5,
        new Rule("card-count-5m", "count(*) > " + Limits.CARD_COUNT_5M),
        new Rule("card-sum-5m", "sum(cents) > " + Limits.CARD_SUM_5M));
    // `before` is the window less the payment at hand. The largest before is the next lower amount, when the one at hand is the largest and alone.
    deployWindow("Payment", "card", 15,
        new Rule("card-sum-15m", "sum(cents) > " + Limits.CARD_SUM_15M),
        new Rule("card-devices-15m", "count(distinct device) >= " + Limits.CARD_DEVICES_15M),
        new Rule("card-merchants-15m", "count(distinct merchant) >= " + Limits.CARD_MERCHANTS_15M),
        new Rule("card-ratio-15m", "count(*) > " + Limits.CARD_RATIO_LEAST + " and cents * (count(*) - 1) > " + Limits.CARD_RATIO_15M + " * (sum(cents) - cents)"),
        new Rule("card-declined-share-15m", "count(*) >= " + Limits.CARD_DECLINED_SHARE_LEAST + " and count(*, declined) * 100 > " + Limits.CARD_DECLINED_SHARE_15M + " * count(*)"),
        new Rule("card-new-maximum-15m", "count(*) > " + Limits.CARD_NEW_MAXIMUM_LEAST + " and cents > " + Limits.CARD_NEW_MAXIMUM_15M + " * sorted(cents).lowerKey(cents)"
            + " and cents = sorted(cents).lastKey() and sorted(cents).getEvents(cents).countOf() = 1"));
    deployWindow("Payment", "account", 15,
        new Rule("account-count-15m", "count(*) > " + Limits.ACCOUNT_COUNT_15M),
        new Rule("account-sum-15m", "sum(cents) > " + Limits.ACCOUNT_SUM_15M));
    deployWindow("Payment", "device", 5,
        new Rule("device-count-5m", "count(*) > " + Limits.DEVICE_COUNT_5M),
        new Rule("device-sum-5m", "sum(cents) > " + Limits.DEVICE_SUM_5M));
    deployWindow("Payment", "device", 15, new Rule("device-cards-15m", "count(distinct card) >= " + Limits.DEVICE_CARDS_15M));
    deployWindow("Payment", "ip", 1, new Rule("ip-count-1m", "count(*) > " + Limits.IP_COUNT_1M));
    deployWindow("Payment", "ip", 5, new Rule("ip-count-5m", "count(*) > " + Limits.IP_COUNT_5M));
    deployWindow("Payment", "ip", 15, new Rule("ip-cards-15m", "count(distinct card) >= " + Limits.IP_CARDS_15M));
    deployWindow("Payment(declined)", "merchant", 1, new Rule("merchant-declines-1m", "count(*) > " + Limits.MERCHANT_DECLINES_1M));
    deployWindow("Payment(declined)", "merchant", 5, new Rule("merchant-declines-5m", "count(*) > " + Limits.MERCHANT_DECLINES_5M));
  }

  private void deployFilters(String[] watched) throws Exception {
    deploy("large-abroad", "select id from Payment(cents > " + Limits.LARGE_ABROAD + " and country != cardCountry and country in ('US', 'IE'))");
    deploy("watched-merchant", "select id from Payment(cents > " + Limits.WATCHED_MERCHANT + " and merchant in ('" + String.join("', '", watched) + "'))");
  }

  private void deploySequences() throws Exception {
    // Among refusals and large payments alone, the one before the large one is a refusal.
    deploy("refused-then-large", "select id from Payment(declined or cents > " + Limits.REFUSED_THEN_LARGE + ")#time(" + Limits.REFUSED_WITHIN + " milliseconds)"
        + " group by card having not declined and count(*, declined) >= 3 and last(declined, 1)");
    // A later probe ends the wait of the one before, so that a transfer is told once.
    String probe = "Payment(cents < " + Limits.PROBE_BELOW;
    deploy("probe-then-transfer", "select transfer.id as id from pattern [every probe=" + probe + ")"
        + " -> (transfer=Transfer(sent, cents > " + Limits.PROBE_THEN_TRANSFER + ", account = probe.account) and not " + probe + ", account = probe.account))"
        + " where timer:within(" + Limits.PROBE_WITHIN + " milliseconds)]");
    deploy("unconfirmed-transfer", "select sent.id as id from pattern [every sent=Transfer(sent, cents > " + Limits.UNCONFIRMED_TRANSFER + ")"
        + " -> (timer:interval(" + Limits.UNCONFIRMED_WITHIN + " milliseconds) and not Transfer(not sent, account = sent.account, payee = sent.payee))]");
  }

  /** The rules over the payments of one key in the last minutes, in one statement: a column for each rule. */
  private void deployWindow(String payments, String key, int minutes, Rule... rules) throws Exception {
    List<String> columns = new ArrayList<>();
    List<String> conditions = new ArrayList<>();
    for (Rule rule : rules) {
      columns.add("(" + rule.holds + ") as r" + columns.size());
      conditions.add("(" + rule.holds + ")");
    }
    String epl = "select id, " + String.join(", ", columns) + " from " + payments + "#time(" + minutes + " min) group by " + key + " having " + String.join(" or ", conditions);
    listen(epl, (id, row) -> {
      for (int i = 0; i < rules.length; i++) if (Boolean.TRUE.equals(row.get("r" + i))) alerts.add(id + ' ' + rules[i].id);
    });
  }

  /** A statement whose every row is an alert. */
  private void deploy(String rule, String epl) throws Exception { listen(epl, (id, row) -> alerts.add(id + ' ' + rule)); }

  private interface Found { void take(String id, EventBean row); }

  private void listen(String epl, Found found) throws Exception {
    var compiled = EPCompilerProvider.getCompiler().compile("@NoLock " + epl, new CompilerArguments(configuration));
    for (var statement : runtime.getDeploymentService().deploy(compiled).getStatements()) {
      statement.addListener((added, removed, from, at) -> { for (EventBean row : added) found.take((String) row.get("id"), row); });
    }
  }

  private void take(Event event) {
    if (event.ts > now) {
      now = event.ts;
      events.advanceTime(now);
    }
    if (event.isPayment) {
      events.sendEventBean(new Payment(event.id, text(event.card), text(event.account), text(event.device), text(event.ip), text(event.merchant),
          text(event.country), text(event.cardCountry), event.cents, event.declined), "Payment");
    } else {
      events.sendEventBean(new Transfer(event.id, event.account, event.payee, event.cents, event.isSent), "Transfer");
    }
  }

  private String text(String key) {
    String known = texts.putIfAbsent(key, key);
    return known == null ? key : known;
  }
}
