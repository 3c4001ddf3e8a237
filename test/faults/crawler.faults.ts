/** What test/login/crawler.test.ts looks at near the first page, far away from it too. */
import { crawls } from '../login/crawl.ts'

crawls(5)
