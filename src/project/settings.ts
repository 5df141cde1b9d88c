/** Where a setting comes from when no flag gives it: environment, `.env.local`, `.env`, `--config`, package.json. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { DevhookError, systemErrorCode } from "../kinde/errors.ts";
import { isJsonObject, type JsonValue } from "../kinde/json.ts";
import type { Project } from "./directory.ts";

export interface Setting {
  readonly value: JsonValue;
  /** How to name it in an error: `KINDE_DEVHOOK_TIMEOUT (.env.local)`. */
  readonly origin: string;
  /** Text from the environment: several values are joined in it. */
  readonly isText: boolean;
}

export interface Settings {
  /** The setting of a flag, or `undefined` when nothing sets it. */
  flag(name: string): Setting | undefined;
  /** A variable of the environment, `.env.local` or `.env`; none when it is empty. */
  variable(name: string): { readonly value: string; readonly origin: string } | undefined;
  /** Everything that is named as a setting, whether a flag has that name or not. */
  names(): readonly SettingName[];
}

export interface SettingName {
  /** As it is written: `KINDE_DEVHOOK_TIMEOUT`, `issuer-port`, `issuerPort`. */
  readonly name: string;
  readonly origin: string;
  readonly isVariable: boolean;
}

const variablePrefix = "KINDE_DEVHOOK_";

export type Environment = Readonly<Record<string, string | undefined>>;

export class InvalidConfigError extends DevhookError {
  override readonly code = "ERR_INVALID_CONFIG";
  constructor(path: string, cause: string) {
    super(
      `Failed to read ${path}: ${cause}. It should hold one JSON object of flags, as in {"issuer-port": 4460}.`,
    );
  }
}

/**
 * Reads what sets flags, nearest first.
 * @param configPath the value of `--config`, from the working directory
 * @throws {InvalidConfigError} `ERR_INVALID_CONFIG`
 */
export function readSettings(
  project: Project,
  environment: Environment,
  workingDirectory: string,
  configPath: string | undefined,
): Settings {
  const environments = [
    { values: environment, suffix: "" },
    ...[".env.local", ".env"].map((file) => ({
      values: readEnvFile(join(project.root, file)),
      suffix: ` (${file})`,
    })),
  ];
  const config =
    configPath === undefined
      ? { values: readPackageConfig(project), name: "package.json" }
      : { values: readConfigFile(resolve(workingDirectory, configPath)), name: configPath };
  const variable: Settings["variable"] = (name) => {
    for (const { values, suffix } of environments) {
      const value = values[name];
      if (value !== undefined && value !== "") return { value, origin: name + suffix };
    }
    return undefined;
  };
  return {
    variable,
    names: () => [
      ...environments.flatMap(({ values, suffix }) =>
        Object.keys(values)
          .filter((name) => name.startsWith(variablePrefix))
          .map((name) => ({ name, origin: name + suffix, isVariable: true })),
      ),
      ...Object.keys(config.values).map((name) => ({
        name,
        origin: `"${name}" (${config.name})`,
        isVariable: false,
      })),
    ],
    flag: (name) => {
      const given = variable(variableOf(name));
      if (given !== undefined) return { ...given, isText: true };
      for (const key of [name, camelCase(name)]) {
        const value = Object.hasOwn(config.values, key) ? config.values[key] : undefined;
        if (value !== undefined) return { value, origin: `"${key}" (${config.name})`, isText: false };
      }
      return undefined;
    },
  };
}

/** The variable that sets a flag. */
export function variableOf(flag: string): string {
  return variablePrefix + flag.replaceAll("-", "_").toUpperCase();
}

function readEnvFile(path: string): Environment {
  const text = readIfPresent(path);
  if (text === undefined) return {};
  return parseEnv(text);
}

function readPackageConfig(project: Project): Readonly<Record<string, JsonValue>> {
  const text = readIfPresent(join(project.root, "package.json"));
  if (text === undefined || !text.includes('"kinde-devhook"')) return {};
  try {
    const file: unknown = JSON.parse(text);
    const config = isJsonObject(file) ? file["kinde-devhook"] : undefined;
    return isJsonObject(config) ? config : {};
  } catch {
    // A broken package.json is its owner's to find, not ours.
    return {};
  }
}

function readConfigFile(path: string): Readonly<Record<string, JsonValue>> {
  const text = readIfPresent(path);
  if (text === undefined) throw new InvalidConfigError(path, "there is no such file");
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    throw new InvalidConfigError(path, "it is no JSON");
  }
  if (!isJsonObject(config)) throw new InvalidConfigError(path, "it is no JSON object");
  return config;
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // A directory is no file of ours: Python projects keep a virtual environment in `.env`.
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw new InvalidConfigError(path, error instanceof Error ? error.message : String(error));
  }
}

/** `issuerPort`, as a configuration file may have it. */
export function camelCase(flag: string): string {
  return flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
