import { type HeaderFields, type Json, type JsonObject } from '@parley/contracts';
import { configurationOf } from './configurations.js';

const NAMES = ['language', 'lang', 'locale'];

/**
 * The configuration for the language that a conversation's header names, as a BCP 47 tag under `language`, `lang` or
 * `locale`: of `user_data`, of its `preferences`, or at the top. Null where it names none.
 */
export function statedConfiguration(header: HeaderFields): string | null {
  const user = objectAt(header, 'user_data');
  const places = [user, objectAt(user, 'preferences'), header];
  const values = places.flatMap((place) => NAMES.map((name) => place?.[name]));
  const languages = values.map(languageOf).filter((language) => language !== null);
  return languages[0] === undefined ? null : configurationOf(languages[0]);
}

function objectAt(place: JsonObject | null, name: string): JsonObject | null {
  const value = place?.[name] ?? null;
  return typeof value === 'object' && !isArray(value) ? value : null;
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function languageOf(tag: Json | undefined): string | null {
  if (typeof tag !== 'string' || tag.length > 35) return null;
  try {
    // `de_DE` is what many programs write.
    const { language } = new Intl.Locale(tag.trim().replaceAll('_', '-'));
    // Longer than a code: a word, such as `English`, that only looks like a tag.
    return language.length <= 3 && language !== 'und' ? language : null;
  } catch {
    return null;
  }
}
