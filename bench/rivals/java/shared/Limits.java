/** The numbers of the rule pack, for all JVM rivals: those of `bench/src/workload/rule-pack.ts`, amounts in cents, spans in ms. */
final class Limits {
  static final long MINUTE = 60_000;

  static final int CARD_COUNT_1M = 84;
  static final int CARD_COUNT_5M = 370;
  static final long CARD_SUM_5M = 13_500_00;
  static final long CARD_SUM_15M = 18_900_00;
  static final int ACCOUNT_COUNT_15M = 2164;
  static final long ACCOUNT_SUM_15M = 34_000_00;
  static final int DEVICE_COUNT_5M = 668;
  static final long DEVICE_SUM_5M = 10_450_00;
  static final int IP_COUNT_1M = 63;
  static final int IP_COUNT_5M = 273;
  static final int MERCHANT_DECLINES_1M = 74;
  static final int MERCHANT_DECLINES_5M = 105;
  /** From here on; the others fire above. */
  static final int DEVICE_CARDS_15M = 44;
  static final int IP_CARDS_15M = 38;
  static final int CARD_DEVICES_15M = 128;
  static final int CARD_MERCHANTS_15M = 939;
  /** Times the mean of the payments before, of which there must be so many. */
  static final int CARD_RATIO_15M = 44;
  static final int CARD_RATIO_LEAST = 20;
  /** Per cent of the payments, of which there must be so many. */
  static final int CARD_DECLINED_SHARE_15M = 65;
  static final int CARD_DECLINED_SHARE_LEAST = 30;
  /** Times the largest payment before, of which there must be so many. */
  static final int CARD_NEW_MAXIMUM_15M = 14;
  static final int CARD_NEW_MAXIMUM_LEAST = 10;
  static final long LARGE_ABROAD = 420_00;
  static final long WATCHED_MERCHANT = 22_00;

  static final long REFUSED_THEN_LARGE = 400_00;
  static final long REFUSED_WITHIN = 10 * MINUTE;
  static final long PROBE_BELOW = 1_00;
  static final long PROBE_THEN_TRANSFER = 3_000_00;
  static final long PROBE_WITHIN = 10 * MINUTE;
  static final long UNCONFIRMED_TRANSFER = 2_500_00;
  static final long UNCONFIRMED_WITHIN = 5 * MINUTE;

  private Limits() {}
}
