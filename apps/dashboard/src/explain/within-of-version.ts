import type { RuleDetail } from '@weir/contracts';
import { request } from '../api/request';

/**
 * `within` of a sequence in the version of the rule that fired, ms, compiled from that version's text; `null` when that text is not
 * kept any more or the sequence has none. The rule language is loaded only here.
 */
export async function withinOfVersion(rule: string, version: string, signal: AbortSignal): Promise<number | null> {
  const [detail, schemaAnswer, language] = await Promise.all([
    request<RuleDetail>(`/v1/rules/${encodeURIComponent(rule)}`, { signal }), request<{ readonly text: string }>('/v1/schema', { signal }), import('@weir/rule-lang'),
  ]);
  const text = detail.releases.find((release) => release.version === version)?.text;
  const { schema } = language.parseSchema(schemaAnswer.text, 'schema.yaml');
  if (text === undefined || !schema) return null;
  const body = language.compileRule(text, `${rule}.yaml`, { schema }).rule?.body;
  return body?.kind === 'sequence' ? body.withinMs ?? null : null;
}
