package events;

/** A transfer as Esper reads it, `sent` or confirmed. */
public final class Transfer {
  private final String id;
  private final String account;
  private final String payee;
  private final long cents;
  private final boolean sent;

  public Transfer(String id, String account, String payee, long cents, boolean sent) {
    this.id = id;
    this.account = account;
    this.payee = payee;
    this.cents = cents;
    this.sent = sent;
  }

  public String getId() { return id; }
  public String getAccount() { return account; }
  public String getPayee() { return payee; }
  public long getCents() { return cents; }
  public boolean isSent() { return sent; }
}
