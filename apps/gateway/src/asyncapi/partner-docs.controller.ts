import { Controller, Get, Header, NotFoundException, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type JsonObject } from '@parley/contracts';
import { PublicRoute } from '@parley/platform';
import { kafkaPage } from './kafka-page.js';
import { describePartners, PARTNER_SCHEMAS } from './partners.asyncapi.js';

const PAGE = kafkaPage();
const DESCRIPTION = describePartners();

/** How partners produce to Kafka: for programs and for people, open to everyone as the API's own description is. */
@PublicRoute()
@ApiExcludeController()
@Controller()
export class PartnerDocsController {
  @Get('asyncapi.json')
  asyncapi(): JsonObject {
    return DESCRIPTION;
  }

  @Get('schemas/:name.json')
  schema(@Param('name') name: string): JsonObject {
    const schemas = new Map<string, JsonObject>(Object.entries(PARTNER_SCHEMAS));
    const found = schemas.get(name);
    if (!found) throw new NotFoundException();
    return { $schema: 'http://json-schema.org/draft-07/schema#', ...found };
  }

  @Get('docs/kafka')
  @Header('Content-Type', 'text/html; charset=utf-8')
  page(): string {
    return PAGE;
  }
}
