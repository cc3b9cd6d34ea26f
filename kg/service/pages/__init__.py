def install(app, service): pass
