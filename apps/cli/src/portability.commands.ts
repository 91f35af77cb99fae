import { resolve } from 'node:path';
import { readModels } from '@parley/domain';
import { DomainError } from '@parley/event-sourcing';
import { exportTenant, importTenant, openExport, type TenantExport } from '@parley/event-store';
import { type Answer } from './answer.js';
import { type Installation, tenantNamed } from './installation.js';

/** Options of `tenants export` as they are typed. */
export interface ExportOptions {
  readonly tenant: string;
  readonly out: string;
}

/** Options of `tenants import` as they are typed. */
export interface ImportOptions {
  readonly name?: string;
  readonly server?: string;
  readonly asNew?: true;
}

/** `tenants export`: all that can't be derived, as of one moment. */
export async function exportOne(at: Installation, options: ExportOptions): Promise<Answer> {
  const { id, name } = await tenantNamed(at, options.tenant);
  const directory = resolve(options.out);
  const { manifest, sha256, seconds } = await exportTenant({
    pool: await at.databases.pool(id, 'app'),
    versions: readModels,
    tenant: { id, name },
    directory,
    actor: 'cli',
  });
  const figures = { ...sizeOf({ manifest }), seconds };
  const json = {
    tenant: id,
    name,
    directory,
    manifest_sha256: sha256,
    log: manifest.log,
    read_models: manifest.read_models,
    ...figures,
  };
  const summary = `${name}: ${directory} has ${described(figures)}`;
  return { json, lines: [summary, `head ${manifest.log.head}, manifest ${sha256}`] };
}

/** `tenants import`: a tenant that is there whole, or not at all. */
export async function importOne(
  { tenants, adminUrl }: Installation,
  directory: string,
  { name: asked, server, asNew }: ImportOptions,
): Promise<Answer> {
  const source = await openExport(resolve(directory));
  const { tenant: former, log, read_models } = source.manifest;
  const wanted = { id: asNew ? null : former.id, name: asked ?? former.name, adminUrl, server };
  const { id, name, filled } = await tenants
    .import(wanted, (url) =>
      importTenant({ adminUrl: url, versions: readModels, actor: 'cli' }, source),
    )
    .catch(withAdvice);
  const figures = { ...sizeOf(source), seconds: filled.seconds };
  const json = {
    id,
    name,
    former_id: former.id,
    manifest_sha256: source.sha256,
    log: { ...log, epoch: filled.logEpoch },
    read_models: { ...read_models, compared: filled.areReadModelsCompared },
    ...figures,
  };
  const compared = filled.areReadModelsCompared ? 'equal to those exported' : 'not comparable';
  return {
    json,
    lines: [
      `${id}  ${name}: ${described(figures)}`,
      `head ${log.head}, manifest ${source.sha256}, read models ${compared}`,
      'It has no keys and no partner yet: see keys create and partners create.',
    ],
  };
}

interface Size {
  readonly events: number;
  readonly rows: number;
  readonly bytes: number;
}

function sizeOf({ manifest }: Pick<TenantExport, 'manifest'>): Size {
  const { files, log } = manifest;
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { events: log.head, rows, bytes };
}

function described({ events, rows, bytes, seconds }: Size & { readonly seconds: number }): string {
  const rate = Math.round(events / Math.max(seconds, 0.001));
  const megabytes = (bytes / 1e6).toFixed(1);
  return `${events} events, ${rows} rows, ${megabytes} MB in ${seconds.toFixed(1)} s (${rate} events a second)`;
}

function withAdvice(error: Error & { code?: unknown }): never {
  if (error.code !== 'tenant/exists') throw error;
  throw new DomainError('tenant/exists', `${error.message}; --as-new takes it in under another id`);
}
