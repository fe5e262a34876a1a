import io.siddhi.core.config.SiddhiQueryContext;
import io.siddhi.core.executor.ExpressionExecutor;
import io.siddhi.core.query.processor.ProcessingMode;
import io.siddhi.core.query.selector.attribute.aggregator.AttributeAggregatorExecutor;
import io.siddhi.core.util.config.ConfigReader;
import io.siddhi.core.util.snapshot.state.State;
import io.siddhi.core.util.snapshot.state.StateFactory;
import io.siddhi.query.api.definition.Attribute;
import java.util.ArrayDeque;
import java.util.Map;

/** `bench:maxBefore(cents)`: the largest value in the window before the one at hand, 0 when there is none. SiddhiQL has no way to say it. */
public final class MaxBefore extends AttributeAggregatorExecutor<MaxBefore.Largest> {
  /** Values that no later one passes, so the first is the largest. */
  static final class Largest extends State {
    private final ArrayDeque<Long> values = new ArrayDeque<>();

    @Override public boolean canDestroy() { return values.isEmpty(); }

    @Override public Map<String, Object> snapshot() { return Map.of("values", values); }

    @Override public void restore(Map<String, Object> state) { throw new UnsupportedOperationException(); }
  }

  @Override protected StateFactory<Largest> init(ExpressionExecutor[] arguments, ProcessingMode mode, boolean isExpiryNeeded, ConfigReader reader, SiddhiQueryContext context) { return Largest::new; }

  @Override public Object processAdd(Object value, Largest state) {
    ArrayDeque<Long> values = state.values;
    Long before = values.isEmpty() ? Long.valueOf(0) : values.peekFirst();
    Long added = (Long) value;
    while (!values.isEmpty() && values.peekLast() < added) values.removeLast();
    values.addLast(added);
    return before;
  }

  @Override public Object processRemove(Object value, Largest state) {
    if (value.equals(state.values.peekFirst())) state.values.removeFirst();
    return 0L;
  }

  @Override public Object processAdd(Object[] values, Largest state) { throw new UnsupportedOperationException(); }

  @Override public Object processRemove(Object[] values, Largest state) { throw new UnsupportedOperationException(); }

  @Override public Object reset(Largest state) {
    state.values.clear();
    return 0L;
  }

  @Override public Attribute.Type getReturnType() { return Attribute.Type.LONG; }
}
