/** A mapping file with every section, for tests. @param ts its `ts` section, as a flow map without the column. */
export const mappingText = (ts: string): string => `type: payment
id: id
ts: { column: ts, ${ts} }
fields:
  account_id: account
  amount: amount
constants:
  currency: EUR
  branch_id: 007
label: { column: is_fraud, positive: "1", delay: 7d, fields: [account_id] }
`;
