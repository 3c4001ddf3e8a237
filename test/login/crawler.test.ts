import { crawls } from './crawl.ts'

// Further away: test/faults/crawler.faults.ts
crawls(3)
