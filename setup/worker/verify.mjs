// Run by Node 24 with the path of a worker binary: ends with code 0 when mediasoup can route media through it.
import * as mediasoup from 'mediasoup';

const OPUS = { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, preferredPayloadType: 100 };
const SSRC = 1234;

function rtpPacket(sequenceNumber) {
  const packet = Buffer.alloc(12 + 20, sequenceNumber);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8(OPUS.preferredPayloadType, 1);
  packet.writeUInt16BE(sequenceNumber, 2);
  packet.writeUInt32BE(sequenceNumber * 960, 4);
  packet.writeUInt32BE(SSRC, 8);
  return packet;
}

const worker = await mediasoup.createWorker({ workerBin: process.argv[2], logLevel: 'error' });
const [near, far] = await Promise.all([1, 2].map(() => worker.createRouter({ mediaCodecs: [OPUS] })));

// What a browser connects to.
const browserSide = await near.createWebRtcTransport({
  listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }],
  enableSctp: true,
});
if (browserSide.iceCandidates.length === 0 || browserSide.dtlsParameters.fingerprints.length === 0) {
  throw new Error('the worker made a transport that cannot be connected to');
}

// Packets go from one router to the other over UDP as SRTP, and have to come out as they went in: this is where an
// unfitting libsrtp would show.
const source = await near.createDirectTransport();
const producer = await source.produce({
  kind: 'audio',
  rtpParameters: {
    codecs: [{ mimeType: OPUS.mimeType, clockRate: OPUS.clockRate, channels: OPUS.channels, payloadType: 100 }],
    encodings: [{ ssrc: SSRC }],
  },
});
const { pipeProducer } = await near.pipeToRouter({
  producerId: producer.id,
  router: far,
  enableSrtp: true,
  keepId: false,
});
const sink = await far.createDirectTransport();
const consumer = await sink.consume({ producerId: pipeProducer.id, rtpCapabilities: far.rtpCapabilities });

await new Promise((resolve, reject) => {
  let sequenceNumber = 1;
  const sending = setInterval(() => {
    producer.send(rtpPacket(sequenceNumber));
    sequenceNumber += 1;
  }, 20);
  const giveUp = setTimeout(() => reject(new Error('no packet came through SRTP within 5 s')), 5000);
  consumer.once('rtp', (packet) => {
    clearInterval(sending);
    clearTimeout(giveUp);
    const payload = packet.subarray(-20);
    if (payload.every((byte) => byte === payload[0])) resolve();
    else reject(new Error('SRTP changed a packet'));
  });
});
worker.close();
