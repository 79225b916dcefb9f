module @MODULE@

go 1.16
