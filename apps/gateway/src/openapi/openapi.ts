import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

const DESCRIPTION = `Conversations and their messages in, and back out.

**Errors** have a body \`{"detail", "code"}\`; a 422 has \`{"detail": [{"loc", "msg", "type"}]}\`, where \`type\` is the
reason code and \`loc\` the place. Programs branch on the codes.

**Limits**: a request costs 1, a batch as many as it has items, counted per key and per account over a minute. Beyond
the limit: 429 with \`Retry-After\`; nothing that was accepted is dropped. A body holds at most 1 MiB, a batch 500 items.

**Repeating** any upload is harmless: the same content again changes nothing.`;

/** The description of the API, made from the code. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Parley')
    .setVersion('1.0')
    .setDescription(DESCRIPTION)
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key' }, 'api-key')
    .addSecurityRequirements('api-key')
    .build();
  return SwaggerModule.createDocument(app, config);
}

/** `/openapi.json` for programs and `/docs` for people, both open to everyone. */
export function serveDocs(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => describeApi(app), { jsonDocumentUrl: 'openapi.json' });
}
