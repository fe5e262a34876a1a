package events;

/** A payment as Esper reads it: a class with getters is its fastest kind of event. In a package, as generated code must see it. */
public final class Payment {
  private final String id;
  private final String card;
  private final String account;
  private final String device;
  private final String ip;
  private final String merchant;
  private final String country;
  private final String cardCountry;
  private final long cents;
  private final boolean declined;

  public Payment(String id, String card, String account, String device, String ip, String merchant, String country, String cardCountry, long cents, boolean declined) {
    this.id = id;
    this.card = card;
    this.account = account;
    this.device = device;
    this.ip = ip;
    this.merchant = merchant;
    this.country = country;
    this.cardCountry = cardCountry;
    this.cents = cents;
    this.declined = declined;
  }

  public String getId() { return id; }
  public String getCard() { return card; }
  public String getAccount() { return account; }
  public String getDevice() { return device; }
  public String getIp() { return ip; }
  public String getMerchant() { return merchant; }
  public String getCountry() { return country; }
  public String getCardCountry() { return cardCountry; }
  public long getCents() { return cents; }
  public boolean isDeclined() { return declined; }
}
