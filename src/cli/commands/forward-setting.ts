import { assertDistinct, parseForward, type Forward } from "../../delivery/forward.ts";
import type { Settings } from "../../project/settings.ts";
import { listOption } from "../option.ts";
import { settingTexts } from "../options.ts";

const forwardOption = listOption("Where the tunnel forwards to", parseForward, {});

/**
 * The `forward` setting of environment or configuration, which `emit` follows too.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function readForwardSetting(settings: Settings): readonly Forward[] {
  const setting = settings.flag("forward");
  if (setting === undefined) return [];
  const forwards = forwardOption.parse(settingTexts(setting, forwardOption), setting.origin);
  assertDistinct(forwards, setting.origin);
  return forwards;
}
