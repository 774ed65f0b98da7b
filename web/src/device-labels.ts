import type { DeviceInfo } from '@amphi/client';
import { t } from './i18n/index.ts';

/** The devices with a name each: before permission is given, browsers tell that there are some but not their names. */
export function deviceLabels(devices: readonly DeviceInfo[]): DeviceInfo[] {
  return devices.map(({ id, label }, index) => ({ id, label: label || t('device.unnamed', { number: index + 1 }) }));
}
