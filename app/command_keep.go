package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"attesta/app/config"
	"attesta/app/db"
	"attesta/app/mail"
)

type backupCommand struct {
	File string `arg:"" help:"File to write; it must not exist."`
}

// Run implements the command.
func (c backupCommand) Run(p *process) error {
	if _, err := os.Stat(c.File); err == nil {
		return usage(c.File + " is there already; name a new file")
	}
	return p.bare(func(ctx context.Context, a *App) error {
		if err := a.backup(ctx, c.File); err != nil {
			return err
		}
		p.printf("written to %s; keep %s as well, without it no link in a mail opens, and the materials at %s\n", c.File, a.Config.SecretFile, a.Config.Settings()["ATTESTA_FILES"])
		return nil
	})
}

// backup writes a consistent copy while the program goes on.
func (a *App) backup(ctx context.Context, file string) error {
	if a.DB.Dialect() == db.SQLite {
		return a.DB.CopyTo(ctx, file)
	}
	cmd := exec.CommandContext(ctx, "pg_dump", "--format=custom", "--no-owner", "--file="+file, a.Config.Database)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pg_dump: %w: %s", err, out)
	}
	return nil
}

type restoreCommand struct {
	File string `arg:"" type:"existingfile" help:"A backup."`
}

// Run implements the command.
func (c restoreCommand) Run(p *process) error {
	cfg, _, err := p.config()
	if err != nil {
		return err
	}
	if path, ok := cfg.SQLitePath(); ok {
		err = copyNew(c.File, path)
	} else {
		var out []byte
		if out, err = exec.CommandContext(p.ctx, "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--dbname="+cfg.Database, c.File).CombinedOutput(); err != nil {
			err = fmt.Errorf("pg_restore: %w: %s", err, out)
		}
	}
	if err != nil {
		return err
	}
	p.printf("restored from %s\n", c.File)
	return nil
}

// copyNew copies a backup to where no database is yet.
func copyNew(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return usage(to + " is there already; restore into an empty place")
	}
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return errors.Join(err, out.Close(), os.Remove(to))
	}
	return errors.Join(out.Sync(), out.Close())
}

type doctorCommand struct {
	JSON bool `help:"Print JSON."`
}

// finding is what the doctor says of one thing.
type finding struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"` // what was found, or what to do
}

// errUnwell has the command fail when something needs mending.
var errUnwell = errors.New("something needs mending")

// Run implements the command.
func (c doctorCommand) Run(p *process) error {
	list := p.examine()
	well := true
	for _, f := range list {
		well = well && f.OK
	}
	if c.JSON {
		if err := p.json(list); err != nil {
			return err
		}
	} else {
		for _, f := range list {
			mark := "ok  "
			if !f.OK {
				mark = "MEND"
			}
			p.printf("%s  %-14s %s\n", mark, f.What, f.Detail)
		}
	}
	if !well {
		return errUnwell
	}
	return nil
}

func (p *process) examine() []finding {
	cfg, log, err := p.config()
	if err != nil {
		return []finding{{"configuration", false, err.Error()}}
	}
	list := []finding{{"configuration", true, "database " + redactDatabase(cfg) + ", pages at " + cfg.BaseURL}}
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	a, err := Open(ctx, cfg, log)
	if err != nil {
		return append(list, finding{"database", false, err.Error()})
	}
	defer a.Close()
	list = append(list, a.examineDatabase(ctx), a.examineFiles(ctx), examineMail(ctx, cfg), a.examineWords(), examineClock(), examineDisk(cfg))
	return list
}

// redactDatabase names the database without its password.
func redactDatabase(cfg config.Config) string {
	if path, ok := cfg.SQLitePath(); ok {
		return path
	}
	return "PostgreSQL"
}

func (a *App) examineDatabase(ctx context.Context) finding {
	if err := a.Ready(ctx); err != nil {
		return finding{"database", false, err.Error()}
	}
	return finding{"database", true, string(a.DB.Dialect()) + ", migrated"}
}

// examineFiles keeps something where materials are kept, reads it and takes it away again.
func (a *App) examineFiles(ctx context.Context) finding {
	if a.Events.Files == nil {
		return finding{"files", false, "none are kept; set ATTESTA_FILES"}
	}
	if err := a.Events.Files.Check(ctx); err != nil {
		return finding{"files", false, "nothing can be kept at " + a.Config.Settings()["ATTESTA_FILES"] + ": " + err.Error()}
	}
	return finding{"files", true, a.Config.Settings()["ATTESTA_FILES"]}
}

func examineMail(ctx context.Context, cfg config.Config) finding {
	if cfg.SMTP.Host == "" {
		return finding{"mail server", false, "none is configured, so mails wait; set ATTESTA_SMTP"}
	}
	t, err := transport(cfg.SMTP)
	if err == nil {
		err = t.(mail.SMTP).Probe(ctx)
	}
	if err != nil {
		return finding{"mail server", false, err.Error()}
	}
	return finding{"mail server", true, cfg.SMTP.Host + " answers"}
}

func (a *App) examineWords() finding {
	codes := a.Catalogue.All()
	for _, c := range codes {
		p := a.Catalogue.Printer(c)
		_ = p.T("registration.status.approved")
	}
	if m := a.Catalogue.Missing(); len(m) > 0 {
		return finding{"catalogues", false, fmt.Sprintf("%d texts are missing: %v", len(m), m)}
	}
	return finding{"catalogues", true, fmt.Sprintf("%d languages", len(codes))}
}

// examineClock compares with the date of this program's making: a clock before it is surely wrong.
func examineClock() finding {
	now := time.Now()
	if now.Year() < 2026 {
		return finding{"clock", false, "it shows " + now.Format(time.RFC3339) + "; set it, sign-in links and certificates depend on it"}
	}
	if _, err := time.LoadLocation("Europe/Podgorica"); err != nil {
		return finding{"clock", false, err.Error()}
	}
	return finding{"clock", true, now.Format(time.RFC3339)}
}

// enoughDisk is below what the doctor warns of.
const enoughDisk = 500 << 20

func examineDisk(cfg config.Config) finding {
	dir := "."
	if path, ok := cfg.SQLitePath(); ok {
		dir = filepath.Dir(path)
	}
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return finding{"disk", false, err.Error()}
	}
	free := s.Bavail * uint64(s.Bsize)
	if free < enoughDisk {
		return finding{"disk", false, fmt.Sprintf("only %d MB are free at %s", free>>20, dir)}
	}
	return finding{"disk", true, fmt.Sprintf("%d MB free", free>>20)}
}
