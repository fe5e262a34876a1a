import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rule pack written by hand for the JVM: a HashMap per key, an ArrayDeque per window, sums and counts kept up to date as payments
 * come and go, amounts as cents. One thread. Its arguments are the merchants of the list.
 */
public final class Rival {
  /** What is kept of a payment, once for all windows it lies in; its texts are those of the first payment of the same key. */
  private record Payment(long ts, long cents, boolean declined, String card, String device, String merchant) {}

  /** The payments of one key in (t - span, t], their sum and number. */
  private static class Window {
    final ArrayDeque<Payment> payments = new ArrayDeque<>();
    final long span;
    long sum;

    Window(long span) { this.span = span; }

    int count() { return payments.size(); }

    void add(Payment payment) {
      payments.addLast(payment);
      sum += payment.cents;
    }

    void evict(long ts) {
      for (Payment oldest = payments.peekFirst(); oldest != null && oldest.ts <= ts - span; oldest = payments.peekFirst()) {
        payments.removeFirst();
        sum -= oldest.cents;
        removed(oldest);
      }
    }

    void removed(Payment payment) {}
  }

  /** How often each value lies in a window. */
  private static final class Distinct {
    private final HashMap<String, Integer> counts = new HashMap<>();

    int size() { return counts.size(); }

    void add(String value) { counts.merge(value, 1, Integer::sum); }

    void remove(String value) { counts.computeIfPresent(value, (same, count) -> count == 1 ? null : count - 1); }
  }

  /** The longest window of a card: what it needs beside the sum. */
  private static final class CardWindow extends Window {
    final Distinct devices = new Distinct();
    final Distinct merchants = new Distinct();
    /** Payments that no later one reaches, so the first is the largest. */
    private final ArrayDeque<Payment> largest = new ArrayDeque<>();
    int declines;

    CardWindow() { super(15 * Limits.MINUTE); }

    long max() { return largest.isEmpty() ? 0 : largest.peekFirst().cents; }

    @Override void add(Payment payment) {
      super.add(payment);
      devices.add(payment.device);
      merchants.add(payment.merchant);
      if (payment.declined) declines++;
      while (!largest.isEmpty() && largest.peekLast().cents <= payment.cents) largest.removeLast();
      largest.addLast(payment);
    }

    @Override void removed(Payment payment) {
      devices.remove(payment.device);
      merchants.remove(payment.merchant);
      if (payment.declined) declines--;
      if (largest.peekFirst() == payment) largest.removeFirst();
    }
  }

  /** The longest window of a device or an address: the cards in it. */
  private static final class CardsWindow extends Window {
    final Distinct cards = new Distinct();

    CardsWindow() { super(15 * Limits.MINUTE); }

    @Override void add(Payment payment) {
      super.add(payment);
      cards.add(payment.card);
    }

    @Override void removed(Payment payment) { cards.remove(payment.card); }
  }

  private static final class Card {
    final String id;
    final Window oneMinute = new Window(Limits.MINUTE);
    final Window fiveMinutes = new Window(5 * Limits.MINUTE);
    final CardWindow longest = new CardWindow();
    /** The last three refusals, the oldest first. */
    final ArrayDeque<Long> refusals = new ArrayDeque<>(4);
    /** Was one of them after the last large payment? */
    boolean hasFreshRefusal;

    Card(String id) { this.id = id; }
  }

  private static final class Account {
    final Window longest = new Window(15 * Limits.MINUTE);
    /** When it last paid next to nothing; null when a large transfer came since. */
    Long probe;
  }

  private static final class Device {
    final String id;
    final Window fiveMinutes = new Window(5 * Limits.MINUTE);
    final CardsWindow longest = new CardsWindow();

    Device(String id) { this.id = id; }
  }

  private static final class Address {
    final Window oneMinute = new Window(Limits.MINUTE);
    final Window fiveMinutes = new Window(5 * Limits.MINUTE);
    final CardsWindow longest = new CardsWindow();
  }

  /** Its windows hold refused payments only. */
  private static final class Merchant {
    final String id;
    final Window oneMinute = new Window(Limits.MINUTE);
    final Window fiveMinutes = new Window(5 * Limits.MINUTE);

    Merchant(String id) { this.id = id; }
  }

  /** A large transfer that waits for its confirmation. */
  private static final class Transfer {
    final String id;
    final long due;
    boolean isConfirmed;

    Transfer(String id, long due) { this.id = id; this.due = due; }
  }

  private record Route(String account, String payee) {}

  private final Map<String, Card> cards = new HashMap<>();
  private final Map<String, Account> accounts = new HashMap<>();
  private final Map<String, Device> devices = new HashMap<>();
  private final Map<String, Address> addresses = new HashMap<>();
  private final Map<String, Merchant> merchants = new HashMap<>();
  private final ArrayDeque<Transfer> unconfirmed = new ArrayDeque<>();
  private final Map<Route, List<Transfer>> unconfirmedOf = new HashMap<>();
  private final Set<String> watched;
  private List<String> alerts;

  private Rival(Set<String> watched) { this.watched = watched; }

  public static void main(String[] watched) throws Exception {
    Rival rival = new Rival(Set.of(watched));
    Harness.serve((lines, alerts) -> {
      rival.alerts = alerts;
      Event.forEach(lines, rival::take);
    });
  }

  private void take(Event event) {
    tellUnconfirmed(event.ts);
    if (event.isPayment) takePayment(event);
    else takeTransfer(event);
  }

  private void takePayment(Event event) {
    Card card = cards.computeIfAbsent(event.card, Card::new);
    Account account = accounts.computeIfAbsent(event.account, id -> new Account());
    Device device = devices.computeIfAbsent(event.device, Device::new);
    Address address = addresses.computeIfAbsent(event.ip, ip -> new Address());
    Merchant merchant = merchants.computeIfAbsent(event.merchant, Merchant::new);
    Payment payment = new Payment(event.ts, event.cents, event.declined, card.id, device.id, merchant.id);

    takeOfCard(card, payment, event);
    takeOfAccount(account, payment, event);
    takeOfDevice(device, payment, event);
    takeOfAddress(address, payment, event);
    if (payment.declined) takeOfMerchant(merchant, payment, event);
    if (event.cents > Limits.LARGE_ABROAD && !event.country.equals(event.cardCountry) && (event.country.equals("US") || event.country.equals("IE"))) alert(event, "large-abroad");
    if (event.cents > Limits.WATCHED_MERCHANT && watched.contains(event.merchant)) alert(event, "watched-merchant");
  }

  private void takeOfCard(Card card, Payment payment, Event event) {
    CardWindow longest = card.longest;
    longest.evict(payment.ts);
    int before = longest.count();
    if (before >= Limits.CARD_RATIO_LEAST && payment.cents * before > Limits.CARD_RATIO_15M * longest.sum) alert(event, "card-ratio-15m");
    if (before >= Limits.CARD_NEW_MAXIMUM_LEAST && payment.cents > Limits.CARD_NEW_MAXIMUM_15M * longest.max()) alert(event, "card-new-maximum-15m");
    longest.add(payment);
    int count = longest.count();
    if (longest.sum > Limits.CARD_SUM_15M) alert(event, "card-sum-15m");
    if (longest.devices.size() >= Limits.CARD_DEVICES_15M) alert(event, "card-devices-15m");
    if (longest.merchants.size() >= Limits.CARD_MERCHANTS_15M) alert(event, "card-merchants-15m");
    if (count >= Limits.CARD_DECLINED_SHARE_LEAST && longest.declines * 100 > Limits.CARD_DECLINED_SHARE_15M * count) alert(event, "card-declined-share-15m");
    slide(card.oneMinute, payment);
    if (card.oneMinute.count() > Limits.CARD_COUNT_1M) alert(event, "card-count-1m");
    slide(card.fiveMinutes, payment);
    if (card.fiveMinutes.count() > Limits.CARD_COUNT_5M) alert(event, "card-count-5m");
    if (card.fiveMinutes.sum > Limits.CARD_SUM_5M) alert(event, "card-sum-5m");
    if (isLargeAfterRefusals(card, payment)) alert(event, "refused-then-large");
  }

  private void takeOfAccount(Account account, Payment payment, Event event) {
    slide(account.longest, payment);
    if (account.longest.count() > Limits.ACCOUNT_COUNT_15M) alert(event, "account-count-15m");
    if (account.longest.sum > Limits.ACCOUNT_SUM_15M) alert(event, "account-sum-15m");
    if (payment.cents < Limits.PROBE_BELOW) account.probe = payment.ts;
  }

  private void takeOfDevice(Device device, Payment payment, Event event) {
    slide(device.fiveMinutes, payment);
    if (device.fiveMinutes.count() > Limits.DEVICE_COUNT_5M) alert(event, "device-count-5m");
    if (device.fiveMinutes.sum > Limits.DEVICE_SUM_5M) alert(event, "device-sum-5m");
    slide(device.longest, payment);
    if (device.longest.cards.size() >= Limits.DEVICE_CARDS_15M) alert(event, "device-cards-15m");
  }

  private void takeOfAddress(Address address, Payment payment, Event event) {
    slide(address.oneMinute, payment);
    if (address.oneMinute.count() > Limits.IP_COUNT_1M) alert(event, "ip-count-1m");
    slide(address.fiveMinutes, payment);
    if (address.fiveMinutes.count() > Limits.IP_COUNT_5M) alert(event, "ip-count-5m");
    slide(address.longest, payment);
    if (address.longest.cards.size() >= Limits.IP_CARDS_15M) alert(event, "ip-cards-15m");
  }

  private void takeOfMerchant(Merchant merchant, Payment payment, Event event) {
    slide(merchant.oneMinute, payment);
    if (merchant.oneMinute.count() > Limits.MERCHANT_DECLINES_1M) alert(event, "merchant-declines-1m");
    slide(merchant.fiveMinutes, payment);
    if (merchant.fiveMinutes.count() > Limits.MERCHANT_DECLINES_5M) alert(event, "merchant-declines-5m");
  }

  /** Three refusals, then a large payment, all within the span; the first large one after them counts. */
  private static boolean isLargeAfterRefusals(Card card, Payment payment) {
    ArrayDeque<Long> refusals = card.refusals;
    if (payment.declined) {
      refusals.addLast(payment.ts);
      if (refusals.size() > 3) refusals.removeFirst();
      card.hasFreshRefusal = true;
      return false;
    }
    if (payment.cents <= Limits.REFUSED_THEN_LARGE) return false;
    boolean isFirst = card.hasFreshRefusal;
    card.hasFreshRefusal = false;
    return isFirst && refusals.size() == 3 && payment.ts - refusals.peekFirst() < Limits.REFUSED_WITHIN;
  }

  private void takeTransfer(Event event) {
    if (!event.isSent) {
      List<Transfer> waiting = unconfirmedOf.remove(new Route(event.account, event.payee));
      if (waiting != null) for (Transfer transfer : waiting) transfer.isConfirmed = true;
      return;
    }
    if (event.cents > Limits.UNCONFIRMED_TRANSFER) {
      Transfer transfer = new Transfer(event.id, event.ts + Limits.UNCONFIRMED_WITHIN);
      unconfirmed.addLast(transfer);
      unconfirmedOf.computeIfAbsent(new Route(event.account, event.payee), route -> new ArrayList<>(1)).add(transfer);
    }
    Account account = accounts.get(event.account);
    if (event.cents > Limits.PROBE_THEN_TRANSFER && account != null && account.probe != null) {
      if (event.ts - account.probe < Limits.PROBE_WITHIN) alert(event, "probe-then-transfer");
      account.probe = null;
    }
  }

  /** Transfers whose time for a confirmation has run out at `ts`. */
  private void tellUnconfirmed(long ts) {
    for (Transfer first = unconfirmed.peekFirst(); first != null && first.due <= ts; first = unconfirmed.peekFirst()) {
      unconfirmed.removeFirst();
      if (!first.isConfirmed) alerts.add(first.id + " unconfirmed-transfer");
    }
  }

  private static void slide(Window window, Payment payment) {
    window.evict(payment.ts);
    window.add(payment);
  }

  private void alert(Event event, String rule) { alerts.add(event.id + ' ' + rule); }
}
