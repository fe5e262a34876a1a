import { describe, expect, it } from '@jest/globals';
import { diagnosticCodes } from '../source/diagnostic-codes.js';
import { diagnosticCases } from './diagnostic-cases.js';
import { diagnosticLines } from './expect-diagnostics.js';

/** `line:column-column code message | hint => fix`, by the name of the case. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'a file of more than 64 KB': [
    '1:1-1 file-too-large a rule file has 64 KB at most',
  ],
  'an empty file': [
    '1:1-1 missing-key the file is empty | a rule begins with `rule: name`',
  ],
  'a text that is no YAML': [
    '1:7-8 yaml-syntax this is not YAML: a second `: ` on the line, or a line that is indented too far',
    '1:7-2:5 yaml-syntax this is not YAML: implicit keys need to be on a single line',
  ],
  'an expression that begins with a quote': [
    '4:12-22 yaml-syntax this is not YAML: something follows the value | an expression that begins with ! & * [ { | > % @ or a quote, or holds ": " or " #", needs quotes or a block scalar (`when: |-`)',
  ],
  'an expression that holds a colon': [
    '4:7-8 yaml-syntax this is not YAML: a second `: ` on the line, or a line that is indented too far | an expression that begins with ! & * [ { | > % @ or a quote, or holds ": " or " #", needs quotes or a block scalar (`when: |-`)',
  ],
  'an expression that begins with @': [
    '4:7-8 yaml-syntax this is not YAML: plain value cannot start with reserved character @ | an expression that begins with ! & * [ { | > % @ or a quote, or holds ": " or " #", needs quotes or a block scalar (`when: |-`)',
  ],
  'an expression that begins with !': [
    '4:7-22 yaml-tag `!has(device_id)` begins with `!`, which is a YAML tag and not an expression | quote the expression, or write it as a block scalar (`when: |-`) => "!has(device_id)"',
  ],
  'an expression that begins with ! and goes on': [
    "4:7-39 yaml-tag `!(country in [\"GB\"]) && declined` begins with `!`, which is a YAML tag and not an expression | quote the expression, or write it as a block scalar (`when: |-`) => '!(country in [\"GB\"]) && declined'",
  ],
  'a tag': [
    '4:7-12 yaml-tag the YAML tag `!!str` is not allowed | remove it: a value is read by what its key expects',
  ],
  'an anchor': [
    '4:7-9 yaml-anchor the YAML anchor `&x` is not allowed | write the value out; an expression that begins with ! & * [ { | > % @ or a quote, or holds ": " or " #", needs quotes or a block scalar (`when: |-`)',
  ],
  'an alias': [
    '4:7-9 yaml-anchor the YAML alias `*x` is not allowed | write the value out; an expression that begins with ! & * [ { | > % @ or a quote, or holds ": " or " #", needs quotes or a block scalar (`when: |-`)',
  ],
  'an expression that begins with [': [
    '4:7-15 wrong-shape `when` is an expression, and this is a list of YAML | put the expression in quotes or a block scalar (`|-`)',
  ],
  'an expression cut by a comment': [
    '4:18-20 syntax the string does not end | in YAML ` #` begins a comment: put the whole expression in quotes or a block scalar (`|-`)',
  ],
  'half of a surrogate pair': [
    '4:7-21 yaml-syntax this is not YAML: half of a surrogate pair is no character',
    '5:8-16 yaml-syntax this is not YAML: half of a surrogate pair is no character',
  ],
  'a key that is there twice': [
    '5:1-3 yaml-duplicate-key the key `on` is there twice',
  ],
  'two documents': [
    '5:1-4 yaml-several-documents a file holds one document | remove the line `---` or move what follows to a file of its own',
  ],
  'a directive': [
    '1:1-9 yaml-directive YAML directives are not allowed | rule files are YAML 1.2; remove the line',
  ],
  'a file nested too deep': [
    '1:39-40 yaml-too-deep nested deeper than 32 levels',
  ],
  'a list where a rule is expected': [
    '1:1-10 wrong-shape a rule is a map of keys and values',
  ],
  'an unknown key': [
    '5:1-10 unknown-key `serverity` is not a key of a rule | did you mean `severity`? => severity',
  ],
  'missing keys': [
    '1:1-1 missing-key a rule has the key `rule`, its name',
    '1:1-1 missing-key a rule has the key `on`, the event types that trigger it',
    '1:1-1 rule-kind a rule has one of `when`, `sequence`, `window`',
  ],
  'bad values': [
    '5:11-15 bad-value `severity` is one of low, medium, high, critical, not `hihg` | did you mean `high`? => high',
    '6:8-11 bad-value `score` is a whole number from 0 to 100, not `101`',
    '7:9-13 bad-value `action` is one of none, review, challenge, block, not `stop`',
  ],
  'no kind of rule': [
    '1:1-1 rule-kind a rule has one of `when`, `sequence`, `window`',
  ],
  'two kinds of rule': [
    '5:1-7 rule-kind a rule has one of `when`, `sequence`, `window`, and this one has `when` already',
  ],
  'having without window': [
    '5:1-7 unknown-key `having` belongs to a window rule | the condition of other rules is `when`',
  ],
  'window without having': [
    '3:1-7 missing-key a window rule has the key `having`',
    'warning 3:1-7 no-key the rule has no `by`, so its windows hold the events of everyone together | add `by` to the rule; `by: []` says that it is meant',
  ],
  'a rule that is not named like its file': [
    '1:7-8 rule-file-name the rule is named `r` and its file `other` | both are the same => other',
  ],
  'a rule name that is not kebab-case': [
    '1:7-20 bad-name `Card Velocity` cannot be the name of a rule | small letters and digits, joined by `-` => card-velocity',
  ],
  'an unknown event type': [
    '2:5-12 unknown-type there is no event type `paymnet` | did you mean `payment`? => payment',
  ],
  'an event type that is there twice': [
    '2:15-22 duplicate-name the event type `payment` is there twice',
  ],
  'an unknown key field': [
    '3:5-14 unknown-field `payment` has no field `acount_id` | did you mean `account_id`? => account_id',
  ],
  'a key that is a place': [
    '3:5-13 bad-key `location` is of type geo and cannot be a key',
  ],
  'a misspelt field': [
    '4:7-12 unknown-field `payment` has no field `amout` | did you mean `amount`? => amount',
    '4:23-30 unknown-field `payment` has no field `declned` | did you mean `declined`? => declined',
  ],
  'a field of another type': [
    '4:7-14 unknown-field `payment` has no field `outcome` | it is a field of `login`',
  ],
  'a field of several types': [
    '4:7-14 ambiguous-field `retries` is of type int in `payment` and of type string in `login` | a name must have one type in all event types that the rule looks at',
  ],
  'a misspelt let': [
    '6:7-13 unknown-field `payment` has no field `prboes` | did you mean `probes`? => probes',
  ],
  'a let used before it is declared': [
    '5:6-7 unknown-name the `let` `b` is declared further down | a `let` may use those before it',
  ],
  'a let named like a field': [
    '5:3-9 duplicate-name `amount` is a field of `payment` already | give the `let` another name',
  ],
  'a let named like a field of a counted type': [
    '5:3-10 duplicate-name `outcome` is a field of `login` already | give the `let` another name',
  ],
  'a let named by a word of the language': [
    '5:3-11 reserved-name `previous` is a word of the language and cannot be the name of a `let`',
    '6:3-6 bad-name `2nd` cannot be the name of a `let` | letters, digits and _, not beginning with a digit',
  ],
  'a step named like a let': [
    '8:14-23 duplicate-name `first_one` is a `let` already | give the step another name',
    '9:13-22 duplicate-name `first_one` is a `let` already | give the step another name',
  ],
  'a misspelt function': [
    '4:7-10 unknown-function there is no function `abz` | did you mean `abs`? => abs',
    '4:37-46 unknown-function there is no function `startWith` | did you mean `startsWith`? => startsWith',
  ],
  'a misspelt span and a misspelt aggregate': [
    '4:7-10 unknown-function there is no function `lst` | did you mean `last`? => last',
    '4:45-50 unknown-function `cuont` is no part of a window | did you mean `count`? => count',
    '4:72-76 unknown-function `wher` is no part of a window | did you mean `where`? => where',
  ],
  'a misspelt type in of': [
    '4:10-15 unknown-type there is no event type `lable` | did you mean `label`? => label',
    '4:47-54 wrong-arguments `of` takes names of event types | without quotes => label',
  ],
  'a misspelt list': [
    '4:27-45 unknown-list there is no list `blocked-merchant` | did you mean `blocked-merchants`? => "blocked-merchants"',
  ],
  'a misspelt model': [
    '4:13-23 unknown-model there is no model `card-rsk` | did you mean `card-risk`? => "card-risk"',
  ],
  'a list name that is none': [
    '4:27-32 bad-name `a b` cannot be the name of a list | letters, digits, `-`, `_` and `.`',
  ],
  'a step, a type and previous as values': [
    "8:14-19 not-a-value `login` is an event type, not a value | `type == \"login\"` asks for the event's type",
    '8:28-36 not-a-value `previous` is an event, not a value | write `previous.ts`, `previous.amount`',
    '10:14-15 not-a-value `a` is a step, not a value | its fields are `a.ts`, `a.first.ts`; its aggregates `a.count()`',
  ],
  'a misspelt step': [
    '9:19-24 unknown-step there is no step `strat` | did you mean `start`? => start',
    '9:31-36 unknown-step there is no step `strat` | did you mean `start`? => start',
  ],
  'a broken expression': [
    '4:15-15 syntax the expression ends where a value is expected',
  ],
  'a broken expression in a block': [
    '6:13-14 syntax `>` stands where a value is expected',
  ],
  'a broken expression in single quotes': [
    '4:30-31 syntax unexpected `&` | did you mean `&&`? => &&',
  ],
  'a broken expression in double quotes': [
    '4:25-26 syntax unexpected `&` | did you mean `&&`? => &&',
  ],
  'what CEL has and rules have not': [
    '4:17-21 not-in-language there is no `null` in rules | `has(x)` asks whether a field is there, `x.orValue(0)` gives a default',
  ],
  'macros and conversions of CEL': [
    '4:7-13 not-in-language rules have no `string()` of CEL',
  ],
  'an expression that is too deep': [
    '4:263-264 too-deep the expression is nested deeper than 256 nodes | name its parts in `let`',
  ],
  'a chain of lets that is too deep': [
    '261:9-17 too-deep with its `let`s written out the expression is nested deeper than 256 nodes | a chain of `let`s is as deep as one expression',
  ],
  'a let doubled too often': [
    '17:8-17 too-large with its `let`s written out the expression has more than 4,096 nodes | a `let` that is used twice counts twice',
  ],
  'a number that is too long': [
    '4:16-77 number-too-long the number has more than 60 digits',
  ],
  'wrong numbers of arguments': [
    '4:7-12 wrong-arguments `abs` takes 1 argument, not 0 | write abs(x)',
    '4:23-34 no-span `min` needs to know which events | put a span before it: `last("10m").min(...)`',
    '4:45-62 wrong-arguments `sum` takes 1 argument, not 0 | write sum(amount)',
    '4:73-91 wrong-arguments `where` takes 1 argument, not 0 | write where(amount <= 5.00)',
    '4:107-128 wrong-arguments `has` takes 1 argument, not 2 | write has(device_id)',
  ],
  'wrong kinds of arguments': [
    '4:11-24 wrong-arguments `has` takes the name of a field | write `has(device_id)`, `has(previous.device_id)` or `has(step.device_id)`',
    '4:34-40 wrong-arguments `last` takes a text in quotes | write last("10m")',
    '4:68-69 wrong-arguments `lastEvents` takes a whole number from 1 to 10000',
    "4:89-99 wrong-arguments `by` takes names of fields | `by(device_id)`, or `by(payee_id == account_id)`: the counted event's payee is the triggering event's account",
    '4:138-141 wrong-arguments `first_seen` takes the name of a field | write first_seen(device_id, "30d")',
  ],
  'bad spans': [
    '4:12-18 bad-span `10 m` is no span | numbers with the units w d h m s ms, from large to small: "10m", "1h30m"',
    '4:42-46 bad-span a span is longer than nothing',
    '4:63-83 bad-span from 7d ago to 14d ago holds nothing | the older end comes first: between("14d", "7d")',
    '4:105-110 bad-span `since` takes "day", "week", "month" or "year", not "dya" | did you mean `day`? => "day"',
    '4:136-139 bad-span `x` is no duration | numbers with the units w d h m s ms, a whole number of ms in all: "1h30m", "1.5h"',
  ],
  'a span without quotes': [
    '4:12-15 syntax a span is written in quotes: `"10m"` | put quotes around it; as a value of its own it is `duration("10m")` => "10m"',
  ],
  'a bad timestamp': [
    '4:22-44 bad-timestamp `2026-02-30T00:00:00Z` is no timestamp | date, T, time and zone, after 1970: "2026-01-31T00:00:00Z"',
  ],
  'bad zones': [
    '4:20-35 bad-zone `Europe/Lodnon` is no time zone | a name such as "Europe/London", "UTC", or an offset such as "+02:00"',
    '4:64-70 bad-zone `Mars` is no time zone | a name such as "Europe/London", "UTC", or an offset such as "+02:00"',
  ],
  'a pattern that RE2 refuses': [
    '4:23-30 bad-pattern RE2 does not read this pattern: error parsing regexp: invalid or unsupported Perl syntax: `(?=` | RE2 has no look-around and no back references',
  ],
  'a pattern that would take long': [
    '4:23-40 bad-pattern the pattern has more than 2,000 parts with its repetitions written out | repeat less; `size(x)` tells how long a text is',
  ],
  'parts of a duration': [
    '4:8-19 type-mismatch `getDate` is asked of a timestamp, and this is a duration | a duration has getHours, getMinutes, getSeconds and getMilliseconds; `d / duration("24h")` is a number of days',
    '4:61-66 wrong-arguments a duration has no time zone | write `d.getHours()`',
    '4:75-82 type-mismatch `getHours` is asked of a timestamp, and this is a text',
  ],
  'a size and a double of what has none': [
    '4:12-18 type-mismatch `size` takes a text, and this is a decimal',
    '4:41-46 unknown-field `payment` has no field `amout` | did you mean `amount`? => amount',
    '4:63-65 type-mismatch `double` takes a number or a text, and this is a timestamp',
  ],
  'abs, min and max of what has no order of size': [
    '4:11-18 type-mismatch `abs` takes a number or a duration, and this is a text',
    '4:31-33 type-mismatch `abs` takes a number or a duration, and this is a timestamp',
    '4:47-54 type-mismatch `min` takes numbers or times, and this is a text',
    '4:71-81 type-mismatch `max` cannot choose between a timestamp and a whole number',
    '4:91-111 type-mismatch `min` cannot choose between a timestamp and a duration',
  ],
  'a qualified name': [
    '4:7-8 not-in-language there are no qualified names in rules | names stand without a dot before them; a decimal has a digit after its dot',
  ],
  'comparing different types': [
    '4:7-23 type-mismatch a text is compared with a whole number | a text is written in quotes: `"5"`',
    '4:27-40 type-mismatch a decimal is compared with a text | a number is written without quotes',
    '4:44-56 type-mismatch true or false is compared with a whole number | `declined > 3` mixes a condition and a value; parentheses may be missing',
    '4:60-66 type-mismatch a timestamp is compared with a whole number | a point in time is `timestamp("2026-01-31T00:00:00Z")`',
    '4:70-90 type-mismatch a place cannot be compared | `distance_km(a, b)` is how far two places are apart',
    '4:94-112 type-mismatch a whole number is compared with a text | a text never equals a number',
  ],
  'operators of wrong types': [
    '4:7-15 type-mismatch `-` takes a number, and this is a text',
    '4:30-46 type-mismatch `+` cannot join a decimal and a text | texts are joined with texts only',
    '4:54-60 type-mismatch `+` cannot join a timestamp and a whole number | a span is `duration("1h")`',
    '4:69-77 type-mismatch `%` cannot join a double and a whole number | `%` is for whole numbers and decimals only',
    '4:87-105 type-mismatch `/` cannot join a duration and a whole number | `duration / duration` is a number; a part of a duration is `d * 0.5`',
  ],
  'conditions that are none': [
    '5:3-9 type-mismatch the left side of `&&` is true or false, and this is a decimal | compare it with something',
    '5:14-21 type-mismatch what `!` turns round is true or false, and this is a text | compare it with something',
    '5:26-32 type-mismatch what stands before `?` is true or false, and this is a decimal | compare it with something',
  ],
  'a when that is a number': [
    '4:7-26 type-mismatch `when` is true or false, and this is a whole number | compare it with something',
  ],
  'results of different types': [
    '5:4-22 type-mismatch the two results are of different types: a whole number and a text',
    '5:48-49 type-mismatch the default is a whole number, and the value a text',
  ],
  'in without a list': [
    '4:18-29 type-mismatch `in` takes a list, and this is a text | write `x in ["GB", "FR"]` or `x in list("name")`',
    '4:33-34 type-mismatch a named list holds texts, and this is a whole number',
    '4:69-70 type-mismatch a text is compared with a whole number | a text is written in quotes: `"5"`',
  ],
  'a list as a value': [
    '5:3-12 not-a-value a list stands to the right of `in` | write `x in [ ... ]`',
    '5:27-36 not-a-value `list(...)` stands to the right of `in` | write `merchant_id in list("blocked-merchants")`',
  ],
  'a literal finer than the scale': [
    '4:17-22 literal-too-fine `5.001` has 3 decimals, and `amount` has 2 at most: they are never equal',
    '4:37-40 literal-too-fine `1.5` has 1 decimal, and `retries` has none: they are never equal',
    '4:61-66 literal-too-fine `2.555` has 3 decimals, and `amount` has 2 at most: they are never equal',
    '4:97-102 literal-too-fine `0.001` has 3 decimals, and `last("1h").max(amount)` has 2 at most: they are never equal',
  ],
  'conditions decided by constants': [
    '4:7-12 unreachable `1 > 2` is always false | no event can change it: remove it or put right what it compares',
    '4:28-32 unreachable `true` is always true | no event can change it: remove it or put right what it compares',
    '4:36-59 unreachable `last("1h").count() >= 0` is always true | no event can change it: remove it or put right what it compares',
    '4:63-93 unreachable `last("1h").share(declined) > 1` is always false | no event can change it: remove it or put right what it compares',
    '4:97-115 unreachable `ts.getHours() > 24` is always false | no event can change it: remove it or put right what it compares',
    '4:119-128 unreachable `1 / 0 > 2` is never known, so it is never true | a division by zero is unknown',
  ],
  'conditions that exclude each other': [
    '4:37-50 unreachable `amount < 5.00` can never be true together with `amount > 10.00` | one of the two is wrong, or `||` is meant',
  ],
  'a constant inside where and let': [
    '6:8-17 unreachable `limit > 6` is always false | no event can change it: remove it or put right what it compares',
    '7:31-41 unreachable `"a" == "b"` is always false | no event can change it: remove it or put right what it compares',
  ],
  'a method without parentheses, a part of a field': [
    '4:15-19 syntax `size` is a function and needs parentheses | write `.size(...)` => size()',
    '4:36-39 unknown-function nothing here has a part `lat`',
  ],
  'a window without an aggregate': [
    '4:7-18 no-aggregate a window ends with an aggregate | such as `.count()`; there are count, sum, avg, min, max, stddev, distinct, first, latest, share, exists',
  ],
  'an aggregate without a span': [
    '4:7-14 no-span `count` needs to know which events | put a span before it: `last("10m").count(...)`',
    '4:22-47 no-span the window has no span | say which events: last("10m"), before("30d"), between("14d", "7d"), since("day"), lastEvents(5)',
  ],
  'parts of a window that are there twice': [
    '4:35-50 twice-in-window a window has one `where` | join the conditions with `&&`',
    '4:77-89 twice-in-window a window has one span | leave out one',
  ],
  'of left out in a rule with several types': [
    '4:7-26 of-missing the rule has several event types, so a window must say which it counts | put `of(payment, transfer).` or some of them before it',
  ],
  'a where that looks at the triggering event': [
    '4:47-58 where-looks-outside `merchant_id` is a field of the triggering event, not of the counted one | inside a window only fields of the counted event can be looked at; "the same merchant" is `by(account_id, merchant_id)`, two roles are `by(payee_id == account_id)`',
  ],
  'a where that looks at a let, a window, previous, a model': [
    '6:33-38 where-looks-outside `usual` is a `let` | inside a window only fields of the counted event can be looked at; "the same merchant" is `by(account_id, merchant_id)`, two roles are `by(payee_id == account_id)`',
    '6:81-103 where-looks-outside a window cannot stand inside a window or an aggregate | name it in `let` and compare it outside',
    '6:146-161 where-looks-outside `previous` is the event before the triggering one | inside a window only fields of the counted event can be looked at; "the same merchant" is `by(account_id, merchant_id)`, two roles are `by(payee_id == account_id)`',
    '6:195-205 where-looks-outside `model` is the score of the triggering event | compare it outside the window',
  ],
  'fractions inside aggregates': [
    '4:22-32 fraction-in-aggregate `sum` cannot take a fraction | take the aggregates first, then divide: `sum(a) / sum(b)`',
    '4:59-70 type-mismatch `max` cannot take a duration',
  ],
  'aggregates of wrong types': [
    '4:22-29 type-mismatch `sum` cannot take a text',
    '4:58-66 type-mismatch `distinct` cannot take a place',
    '4:92-98 type-mismatch the condition of `count` is true or false, and this is a decimal | compare it with something',
  ],
  'windows that are too long': [
    '4:12-17 window-too-long the window of 36d is longer than the 35d that the log keeps | shorten it, or lengthen the retention of the pipeline',
    '4:42-47 window-too-long the window of 40d is longer than the 35d that the log keeps | shorten it, or lengthen the retention of the pipeline',
    '4:76-82 window-too-long a year is longer than the 35d that the log keeps | shorten it, or lengthen the retention of the pipeline',
    '4:121-126 window-too-long the window of 90d is longer than the 35d that the log keeps | shorten it, or lengthen the retention of the pipeline',
  ],
  'too many windows': [
    '4:1726-1745 too-many-windows a rule has 64 windows at most',
  ],
  'keys of a window': [
    '4:10-19 unknown-field `payment` has no field `devise_id` | did you mean `device_id`? => device_id',
    '4:50-57 type-mismatch `retries` is a whole number in the counted event, `country` a text in the triggering one',
    '4:110-119 duplicate-name `device_id` is there twice',
    '4:150-158 bad-key `location` is a place and cannot be a key',
  ],
  'the time of events as a key of windows': [
    '4:10-12 built-in-key `ts` is when an event happened and cannot be a key | the span of a window says how near events are, as in `last("1s")`',
    '4:53-55 built-in-key `ts` is when an event happened and cannot be a key | the span of a window says how near events are, as in `last("1s")`',
    '4:94-96 built-in-key `ts` is when an event happened and cannot be a key | the span of a window says how near events are, as in `last("1s")`',
    '4:165-169 unknown-field `payment` has no field `tyqe` | did you mean `type`? => type',
  ],
  'what every event has as the key of a rule': [
    '3:6-8 built-in-key `id` is of every event and cannot be the key of a rule | no two events have one; a window may look an event up by it: `of(payment).by(id == payment_id)`',
    '3:22-26 built-in-key `type` is of every event and cannot be the key of a rule | name the types in `on`; a window may tell them apart: `by(account_id, type)`',
    '3:28-30 built-in-key `ts` is of every event and cannot be the key of a rule | the span of a window says how near events are, as in `last("1s")`',
  ],
  "the rule's key in another type": [
    "4:7-37 unknown-field the rule's key `ip` is no field of `payment` | give the window a `by(...)` of its own",
  ],
  'a key of several types': [
    '3:5-12 ambiguous-field `retries` has several types in payment, login',
    '4:29-36 ambiguous-field `retries` has several types in login, payment',
    '4:29-36 ambiguous-field `retries` has several types in payment, login',
  ],
  'of with the same type twice': [
    '4:17-22 duplicate-name the event type `label` is there twice',
  ],
  'a list where one value is expected': [
    '1:7-10 wrong-shape `rule` is a single value, not a list',
    '2:5-13 wrong-shape `on` is a value or a list of values, not a map',
    '4:6-9 wrong-shape `let` is a map of keys and values | name: expression',
  ],
  'a window method on a value': [
    '4:14-17 unknown-function `sum` belongs to a window, and `amount` is none | write `last("10m").sum(...)`',
  ],
  'a sequence without within': [
    '4:1-9 within-missing the sequence has no `within`, so it could wait for ever | say how far first and last event may be apart: `within: 30m`',
  ],
  'a negative step first': [
    '7:7-20 negative-first a sequence cannot begin with a negative step | the first step is `begin`',
  ],
  'begin in the wrong place': [
    '7:7-11 begin-misplaced the first step is `begin`, not `next` => begin',
    '8:7-12 begin-misplaced only the first step is `begin` | this one is `next`, `followedBy` or `followedByAny`',
  ],
  'an absence at the end without within': [
    '7:7-20 absence-without-within nothing says how long the absence of `b` must last | give the step or the sequence a `within`',
  ],
  'an absence after open times': [
    '9:7-20 absence-after-open-times `a` has no greatest number of events, so the absence after it could begin at each of them | say how many: `times: 3`',
  ],
  'times that end before they begin, before an absence': [
    '8:14-18 bad-times `3..1` ends before it begins => 1..3',
  ],
  'bad times in a sequence that may need no within': [
    '7:14-15 bad-times a step takes one event at least | a step that may be left out has `optional: true`',
  ],
  'a within that is no span': [
    '5:11-15 bad-span `soon` is no span | numbers with the units w d h m s ms, from large to small: 10m, 1h30m',
  ],
  'a within of an absence that is no span': [
    '8:15-17 bad-span a span is longer than nothing',
  ],
  'notNext at the end': [
    '8:7-14 not-next-last `notNext` cannot be the last step | an absence at the end is `notFollowedBy` with `within`',
  ],
  'keys that a negative step has not': [
    '9:7-12 negative-step-key a negative step cannot have `times` | it has `on` and `where`',
    '10:7-13 negative-step-key a negative step cannot have `within` | only a `notFollowedBy` at the end has `within`',
  ],
  'bad times': [
    '8:14-18 bad-times `some` is no number of events | write 3, 2..5 or 3..',
    '10:14-15 bad-times a step takes one event at least | a step that may be left out has `optional: true`',
    '12:14-17 bad-times `times` goes up to 100',
    '14:14-18 bad-times `5..2` ends before it begins => 2..5',
  ],
  'what needs times': [
    '8:7-13 needs-times `greedy` is for a step that may take several events | give the step `times`, such as `times: 2..`',
    '11:7-12 needs-open-times `until` is for a step with open `times` | give the step `times` without an end, such as `times: 1..`',
    '15:7-24 contiguity-conflict `consecutive` and `allowCombinations` exclude each other | leave out one',
  ],
  'what Flink refuses of optional steps': [
    '10:7-11 optional-after-greedy an optional step cannot come right after a greedy one',
    '12:7-14 negative-after-optional a negative step cannot come right after an optional one | make two rules: one with the optional step, one without it',
  ],
  'a step on a type that the rule has not': [
    "8:11-19 step-type the rule is not on `transfer`, so no step sees such events | add it to the rule's `on`",
  ],
  'a look at later, negative and own steps': [
    '8:23-24 step-not-earlier the step `c` comes later | a step may look at those before it',
    '11:19-20 step-has-no-events `b` is a negative step and takes no event',
    '11:32-33 step-not-earlier `c` is this step itself, which takes one event | bare names are the fields of the candidate event',
  ],
  'a let that looks at a step': [
    '4:6-7 step-not-earlier a `let` cannot look at the step `a` | write it in the `where` of a later step',
  ],
  'a where of a window that looks at a step': [
    '9:52-53 where-looks-outside `a` is a step | inside a window only fields of the counted event can be looked at; "the same merchant" is `by(account_id, merchant_id)`, two roles are `by(payee_id == account_id)`',
  ],
  'steps that are none': [
    '7:7-9 unknown-key a step begins with its contiguity, not with `on` | one of begin, next, followedBy, followedByAny, notNext, notFollowedBy',
    '8:7-12 unknown-key the first key of a step is its contiguity, and `begin` comes later | put `begin` first',
    '10:7-16 unknown-key a step begins with its contiguity, not with `folowedBy` | did you mean `followedBy`? => followedBy',
    '12:7-11 unknown-key a step has one contiguity, and this one is `begin` already',
    '14:7-11 unknown-key `wher` is not a key of a step | did you mean `where`? => where',
  ],
  'afterMatch': [
    '6:15-27 bad-value `skipPastLast` is no `afterMatch` | did you mean `skipToLast`? => skipToLast',
  ],
  'afterMatch of an unknown step': [
    '6:30-31 unknown-step there is no step `c`',
  ],
  'a within that is too long': [
    '5:11-14 window-too-long `within` is longer than the 35d that the log keeps | shorten it, or lengthen the retention of the pipeline',
    '9:15-18 window-too-long `within` is longer than the 35d that the log keeps | shorten it, or lengthen the retention of the pipeline',
  ],
  'an aggregate that a step has not': [
    '9:16-24 unknown-function a step has no `distinct` | a step has count(), sum(), avg(), min(), max()',
    '9:46-53 type-mismatch `sum` takes a number, and this is a text',
    '9:64-69 syntax `count` is a function and needs parentheses => count()',
  ],
  'spans and fields in having': [
    "5:9-19 not-in-having `last` cannot stand in a window rule | its aggregates look at the rule's own window: `count()`, `where(declined).sum(amount)`",
    '5:35-41 not-in-having `amount` is a field of single events, and a window has many | use an aggregate such as `max(amount)`, or make it a key with `by`',
    '5:52-67 not-in-having there is no `previous` of a window',
    '5:78-83 unknown-function there is no function `conut` | did you mean `count`? => count',
    '5:109-124 twice-in-window a window has one `where` | join the conditions with `&&`',
  ],
  'windows that are none': [
    '4:16-40 bad-window `size` must be a multiple of `every`',
  ],
  'two windows': [
    '4:23-30 bad-window a window is one of tumble, hop, session',
  ],
  'a window without its parts': [
    '4:16-29 missing-key `hop` has the key `every`',
    '4:24-27 window-too-long `size` is longer than the 35d that the log keeps | shorten it, or lengthen the retention of the pipeline',
  ],
  'a reason that shows what is not there': [
    '5:11-16 unknown-field `payment` has no field `amout` | did you mean `amount`? => amount',
    '5:23-33 bad-reason `{amount + 1}` cannot be shown | a field, a `let`, `step.field` or `step.count`; other expressions get a name in `let`',
    '5:36-37 unknown-step there is no step `a`',
    '5:45-46 bad-reason the brace is not closed | a brace as such is `{{`',
  ],
  'test values of wrong types': [
    '8:50-55 bad-test-value `1.005` is no value of `amount`: a number with 2 decimals at most, below 2^53 when scaled',
    '8:67-70 bad-test-value `yes` is no value of `declined`: `true` or `false`',
    '8:81-84 bad-test-value `1.5` is no value of `retries`: a whole number below 2^53',
    '8:103-105 bad-test-value `91` is no value of `lat`: degrees from -90 to 90',
    '8:112-113 bad-test-value `x` is no value of `lon`: degrees from -180 to 180',
    '8:125-128 bad-test-value `now` is no value of `opened`: a timestamp such as 2026-01-31T00:00:00Z, or epoch milliseconds',
    '8:136-139 bad-test-value `NaN` is no value of `risk`: a finite number',
  ],
  'test events that lack what they need': [
    '7:12-18 bad-timestamp `monday` is no timestamp | date, T, time and zone, after 1970: 2026-01-31T00:00:00Z',
    '9:9-10 missing-key an event has the key `id`',
    '10:9-10 missing-key an event has the key `at`',
    "11:22-26 bad-span `soon` is no offset from the test's start | numbers with the units w d h m s ms, from large to small: 0s, 10m, 1h30m",
    '11:28-37 unknown-field `payment` has no field `acount_id` | did you mean `account_id`? => account_id',
    '12:32-38 unknown-type there is no event type `pament` | did you mean `payment`? => payment',
    '14:15-16 duplicate-name the event `d` is there twice',
  ],
  'alerts of no event': [
    '9:14-21 unknown-event the test has no event `event_b` | did you mean `event_a`? => event_a',
    "9:45-46 bad-span `x` is no offset from the test's start | numbers with the units w d h m s ms, from large to small: 0s, 10m, 1h30m",
    '9:50-70 bad-expectation only the alerts of a window rule have `key` and `end` | { event: a, at: 30m }',
  ],
  'alerts of a window rule': [
    '10:14-15 bad-expectation an alert of a window rule has a key and an end | { key: m1, end: 10m }',
    "10:24-32 bad-expectation the rule's key has 1 field, and this 2 | { key: m1, end: 10m }",
    '10:45-56 missing-key an alert of a window rule has the key `end` | { key: m1, end: 10m }',
  ],
  'a test without name, events and alerts': [
    '6:5-5 missing-key a test has the key `name`',
    '6:5-5 missing-key a test has the key `events`',
    '6:5-5 missing-key a test has the key `alerts` | alerts: [] when none is expected',
    '6:17-21 bad-value `evaluation` is one of arrival, watermark, not `both`',
  ],
  'a window without by': [
    'warning 3:7-26 no-key the rule has no `by`, so this window counts the events of everyone together | add `by` to the rule or the window; `by()` says that it is meant',
  ],
  'sums over several currencies': [
    'warning 4:7-27 several-currencies `paid` may be in several currencies here, and `sum` mixes them | add `currency` to `by`, or `currency == "..."` to `where`',
  ],
  'comparing several currencies': [
    'warning 4:7-19 several-currencies the amounts of `amount > tip` may be in different currencies | compare the currencies too, or amounts of one currency',
    'warning 4:23-43 several-currencies the amounts of `paid > previous.paid` may be in different currencies | compare the currencies too, or amounts of one currency',
  ],
  'a test that no event reaches': [
    'warning 7:5-11 test-reaches-nothing no event of this test is `payment`, so the rule is never evaluated',
  ],
  'a value that the ingester would refuse, a list that the rule does not use': [
    'warning 7:14-19 unused-list the rule does not look at the list `other`',
    'warning 9:36-40 test-value-refused the ingester would refuse `euro`: `currency` must match ^[A-Z]{3}$',
  ],
  'double where exact was possible': [
    'warning 4:7-21 double-not-needed `double(amount)` gives up exactness for nothing | whole numbers, decimals and fractions are compared exactly without it',
  ],
};

describe('the findings of a rule file', () => {
  it.each(diagnosticCases)('tell $name', ({ name, text, file, lists, models }) => {
    expect(diagnosticLines(text, { lists, models }, file)).toEqual(expected[name]);
  });

  it('are shown here for every code, but those of the schema alone', () => {
    const told = new Set(Object.values(expected).flat().map((line) => /^(?:warning )?\S+ (\S+)/.exec(line)?.[1]));
    expect(diagnosticCodes.filter((code) => !told.has(code))).toEqual(['bad-version', 'bad-schema']);
  });
});
