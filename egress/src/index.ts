export { RtpSwitch, type RtpSwitchOptions } from './switch/rtp-switch.ts';
export { codecString, type AudioFormat, type TrackFormat, type VideoFormat } from './containers/track.ts';
export { mp4Fragment, mp4Init, type Mp4Run, type Mp4Sample, type Mp4Track } from './containers/mp4.ts';
export { type RoomWatcher, ServerMember, type ServerMemberOptions } from './member/server-member.ts';
export type { CodecName, Frame } from './rtp/frame.ts';
export { FrameReader, type FrameReaderOptions, type FrameSink, type FrameStream } from './rtp/frame-reader.ts';
export { opusDuration } from './rtp/opus.ts';
export type { ClockPoint } from './rtp/wall-clock.ts';
export type { Manifest } from './recorder/manifest.ts';
export { createRecorder, type Recorder, type RecorderOptions, type StartOptions } from './recorder/recorder.ts';
export type { FilmChoice } from './compose/layout.ts';
export { openFilmProgram } from './recorder/film-program.ts';
export type { NotLive } from './recorder/live-composer.ts';
export type { Recording } from './recorder/recording.ts';
export type { LibraryEntry } from './library/entry.ts';
export { createLibrary, type Library, type LibraryOptions } from './library/library.ts';
export { openFile, type StoredFile } from './library/stored-file.ts';
export { type Archive, createArchive } from './storage/archive.ts';
export { StorageProblem } from './storage/problem.ts';
export { createS3, type ObjectStore, type S3Options } from './storage/s3.ts';
export type {
  Program,
  ProgramAudio,
  ProgramFormat,
  ProgramFrame,
  ProgramRendition,
  ProgramSink,
} from './program/program.ts';
export type { ProgramLayout } from './program/canvas/stage-layout.ts';
export { findProgram } from './program/supervised.ts';
export { TranscodeBudget } from './program/budget.ts';
export {
  createProgram,
  type ProgramOptions,
  type ProgramState,
  type RunningProgram,
} from './program/create-program.ts';
export { type ProgramLease, ProgramPool } from './program/pool.ts';
export { PushProblem, type PushReason } from './push/problem.ts';
export { type PushLine, type PushStatus, PushTarget, type PushTargetOptions } from './push/target.ts';
export { type AmfValue, decodeAmf, encodeAmf } from './rtmp/amf0.ts';
export { ChunkReader, controlMessage, RTMP, type RtmpMessage, RtmpProtocolError, writeChunks } from './rtmp/chunks.ts';
export { type FlvTag, readAudioTag, readVideoTag } from './rtmp/flv.ts';
export { HandshakeReader, hello, PACKET, VERSION } from './rtmp/handshake.ts';
export {
  answerInduction,
  inductionOf,
  isShutdown,
  readHandshake,
  refuseConclusion,
  shutdownFor,
  SRT_REFUSAL,
  type SrtHandshake,
  withCookie,
} from './srt/handshake.ts';
export { opensKeys } from './srt/key-material.ts';
export { readStreamRequest } from './srt/stream-id.ts';
export { FlvReader } from './containers/flv.ts';
export { Slots } from './slots.ts';
export { makeThumbnail, THUMBNAIL, type ThumbnailMaker } from './hls/thumbnail.ts';
export { PublishRefused, RtmpConnection, type RtmpEnd, type RtmpSink } from './rtmp/server.ts';
export { createHlsShelf, type HlsShelf, type HlsShelfOptions } from './hls/shelf.ts';
export type { HlsStream, HlsStreamState } from './hls/stream.ts';
export { parseName as parseHlsName } from './hls/rendition.ts';
export { FlvIngest, type FlvIngestOptions, type IngestedTrack } from './ingest/flv-ingest.ts';
export { type IngestRefusal, IngestRefused } from './ingest/refused.ts';
export type { PictureTreatment } from './ingest/picture-way.ts';
