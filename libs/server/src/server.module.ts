import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessController } from './access/access.controller.js';
import { AccessGuard } from './access/access.guard.js';
import { Accounts } from './access/accounts.js';
import { AlertDesk } from './alerts/alert-desk.js';
import { AlertsController } from './alerts/alerts.controller.js';
import { CaseDesk } from './cases/case-desk.js';
import { CasesController } from './cases/cases.controller.js';
import { DecisionsController } from './decisions/decisions.controller.js';
import { EventsController } from './events/events.controller.js';
import { ListDesk } from './lists/list-desk.js';
import { ListsController } from './lists/lists.controller.js';
import { AlertMeter } from './ops/alert-meter.js';
import { DeskPulse } from './ops/desk-pulse.js';
import { Metrics } from './ops/metrics.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { OpsController } from './ops/ops.controller.js';
import { RuleDesk } from './rules/rule-desk.js';
import { RulesController } from './rules/rules.controller.js';
import { serverOptionsToken } from './server-options.js';
import type { ServerOptions } from './server-options.js';

/** The parts that are made before the modules, because they also talk to each other outside of requests. */
export interface ServerParts {
  readonly accounts: Accounts; readonly alerts: AlertDesk; readonly cases: CaseDesk; readonly rules: RuleDesk; readonly lists: ListDesk; readonly pulse: DeskPulse; readonly meter: AlertMeter; readonly metrics: Metrics;
}

@Module({ controllers: [AccessController] })
class AccessModule {}
@Module({ controllers: [EventsController] })
class EventsModule {}
@Module({ controllers: [DecisionsController] })
class DecisionsModule {}
@Module({ controllers: [AlertsController] })
class AlertsModule {}
@Module({ controllers: [CasesController] })
class CasesModule {}
@Module({ controllers: [RulesController] })
class RulesModule {}
@Module({ controllers: [ListsController] })
class ListsModule {}
@Module({ controllers: [OpsController] })
class OpsModule {}
@Module({ controllers: [OpenApiController] })
class OpenApiModule {}

/** One module a feature; the parts and ports are global to them. */
@Module({})
export class ServerModule {
  static with(options: ServerOptions, parts: ServerParts): DynamicModule {
    const providers = [
      { provide: serverOptionsToken, useValue: options },
      { provide: Accounts, useValue: parts.accounts }, { provide: AlertDesk, useValue: parts.alerts }, { provide: CaseDesk, useValue: parts.cases }, { provide: RuleDesk, useValue: parts.rules }, { provide: ListDesk, useValue: parts.lists },
      { provide: DeskPulse, useValue: parts.pulse }, { provide: AlertMeter, useValue: parts.meter }, { provide: Metrics, useValue: parts.metrics },
    ];
    return {
      module: ServerModule, global: true, providers: [...providers, { provide: APP_GUARD, useClass: AccessGuard }], exports: providers.map(({ provide }) => provide),
      imports: [AccessModule, EventsModule, DecisionsModule, AlertsModule, CasesModule, RulesModule, ListsModule, OpsModule, OpenApiModule],
    };
  }
}
