import { Controller, Get, Inject } from '@nestjs/common';
import { Allow } from '../access/access.decorator.js';
import { serverOptionsToken } from '../server-options.js';
import type { ServerOptions } from '../server-options.js';
import { openApiDocument } from './openapi-document.js';

/** What the API is, for whoever may use any of it. */
@Controller('v1/openapi.json')
export class OpenApiController {
  constructor(@Inject(serverOptionsToken) private readonly options: ServerOptions) {}

  @Get() @Allow(['viewer', 'analyst', 'senior', 'author', 'approver', 'ops', 'admin', 'channel'])
  document(): unknown { return openApiDocument(this.options.config.version); }
}
