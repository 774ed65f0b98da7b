import type { DeviceInfo } from '../types.ts';

export type DeviceLists = { cameras: DeviceInfo[]; microphones: DeviceInfo[]; speakers: DeviceInfo[] };

/** The devices that there are. Without a permission browsers tell neither ids nor names; such entries are left out. */
export async function listDevices(): Promise<DeviceLists> {
  const devices = await (navigator.mediaDevices?.enumerateDevices() ?? Promise.resolve([])).catch(() => []);
  const of = (kind: MediaDeviceKind) =>
    devices
      .filter((device) => device.kind === kind && device.deviceId !== '')
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  return { cameras: of('videoinput'), microphones: of('audioinput'), speakers: of('audiooutput') };
}
