export { PlaybackSchedule, type PlaybackScheduleOptions } from './playback_schedule.ts';
