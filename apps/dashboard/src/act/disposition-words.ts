import type { Disposition } from '@weir/contracts';

/** Dispositions in the order of the keys 1 to 5. */
export const dispositions: readonly Disposition[] = ['confirmed_fraud', 'false_positive', 'suspicious', 'duplicate', 'no_action'];

export const dispositionWord: Readonly<Record<Disposition, string>> = {
  confirmed_fraud: 'Confirmed fraud', false_positive: 'False positive', suspicious: 'Suspicious', duplicate: 'Duplicate', no_action: 'No action',
};

/** Reasons offered for each disposition, the most usual first. */
export const reasonsOf: Readonly<Record<Disposition, readonly string[]>> = {
  confirmed_fraud: ['card testing', 'stolen card', 'account takeover', 'mule account', 'merchant collusion', 'customer reported it', 'other'],
  false_positive: ['customer confirmed', 'usual behaviour', 'travel', 'known device', 'rule too wide', 'test traffic', 'other'],
  suspicious: ['waiting for customer', 'pattern unclear', 'linked to other fraud', 'other'],
  duplicate: ['same event', 'same incident', 'other'],
  no_action: ['loss below limit', 'already blocked', 'account closed', 'other'],
};
